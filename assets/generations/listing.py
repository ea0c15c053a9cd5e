"""Outputs as pages and the API list them: in a state, of a model, with the asset that was made of each."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Count, Q, Sum

from assets.models import Asset, GenerationOutput, GenerationRun, User
from assets.models.generations import KEEPABLE, GenerationOutputQuerySet, OutputState
from assets.segmind.responses import is_asset_url
from assets.text.formats import format_cost, pluralise

PAGE = 50
# To be kept by one click.
MAX_AT_ONCE = 1000
MAX_MODELS = 60
RECENT_RUNS = 2000
SOON = timedelta(days=1)
PICTURES = ("PNG", "JPG", "JPEG", "WEBP", "GIF", "AVIF")
VIDEOS = ("MP4", "WEBM", "MOV")
SOUNDS = ("MP3", "WAV", "OGG", "FLAC", "M4A")
COSTS_OF = timedelta(days=30)
SPANS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


class View(models.TextChoices):
    """What a list has. The values are those of `state` in addresses."""

    EXPIRING = "expiring", "Expiring"
    KEEPING = "keeping", "Keeping"
    KEPT = "kept", "Kept"
    FAILED = "failed", "Not kept"
    DELETED = "deleted", "Deleted"


@dataclass(frozen=True)
class OutputRow:
    """`asset`: what the person sees of it in the library."""

    output: GenerationOutput
    asset: Asset | None
    now: datetime

    @property
    def is_gone(self) -> bool:
        return self.output.is_gone(self.now)

    @property
    def may_be_kept(self) -> bool:
        return self.output.may_be_kept(self.now)

    @property
    def is_urgent(self) -> bool:
        return self.output.expires_at - self.now < SOON

    @property
    def time_left(self) -> str:
        return describe_time_left(self.output.expires_at, self.now)

    @property
    def facts(self) -> str:
        """Format, cost and who ran it, each after a dot."""
        run = self.output.run
        cost = format_cost(run.cost) if run.cost is not None else ""
        person = run.person.get_username() if run.person else run.email
        return "".join(f" · {fact}" for fact in (self.format, cost, person) if fact)

    @property
    def picture_url(self) -> str:
        """For browsers, which get it from Segmind; empty if it is no picture, or at a host of somebody else."""
        is_picture = self.format in PICTURES and not self.is_gone and self.output.state != OutputState.KEPT
        return self.output.url if is_picture and is_asset_url(self.output.url) else ""

    @property
    def is_video(self) -> bool:
        return self.format in VIDEOS

    @property
    def is_audio(self) -> bool:
        return self.format in SOUNDS

    @property
    def format(self) -> str:
        """What its address says: `PNG`; empty if nothing."""
        return PurePosixPath(urlsplit(self.output.url).path).suffix[1:6].upper()


@dataclass(frozen=True)
class Costs:
    runs: int
    total: Decimal


def find_outputs(view: View, now: datetime, *, model: str = "") -> GenerationOutputQuerySet:
    """Those that expire first come first; of the others, the latest."""
    outputs = GenerationOutput.objects.filter(run__model=model) if model else GenerationOutput.objects.all()
    if view == View.EXPIRING:
        return outputs.at_segmind(now).order_by("expires_at", "id")
    if view == View.DELETED:
        over = Q(state__in=KEEPABLE, expires_at__lte=now)
        return outputs.filter(Q(state=OutputState.DELETED) | over).order_by("-expires_at", "-id")
    if view == View.FAILED:
        return outputs.filter(state=OutputState.FAILED, expires_at__gt=now).order_by("expires_at", "id")
    return outputs.filter(state=view.value).order_by("-expires_at", "-id")


def make_rows(outputs: Iterable[GenerationOutput], user: User, now: datetime) -> list[OutputRow]:
    outputs = list(outputs)
    assets = find_assets({output.stored_file_id for output in outputs if output.stored_file_id}, user)
    return [OutputRow(output, assets.get(output.stored_file_id), now) for output in outputs]


def find_assets(stored_files: Iterable[uuid.UUID | None], user: User) -> dict[uuid.UUID | None, Asset]:
    """By stored file, the asset of the library that the person sees; their own, if there is one."""
    assets = Asset.objects.visible_to(user).current().filter(stored_file__in=set(stored_files) - {None})
    found = sorted(assets.select_related("stored_file", "owner"), key=lambda asset: asset.is_owned_by(user))
    return {asset.stored_file_id: asset for asset in found}


def count_keepable(now: datetime, model: str = "") -> int:
    """Up to MAX_AT_ONCE."""
    outputs = GenerationOutput.objects.at_segmind(now)
    return (outputs.filter(run__model=model) if model else outputs).order_by()[:MAX_AT_ONCE].count()


def list_models() -> list[str]:
    """Those of the latest runs."""
    latest = GenerationRun.objects.exclude(model="").values_list("model", flat=True)[:RECENT_RUNS]
    return sorted(set(latest))[:MAX_MODELS]


def count_costs(now: datetime, model: str = "") -> Costs:
    """Of the last 30 days."""
    runs = GenerationRun.objects.filter(made_at__gt=now - COSTS_OF).order_by()
    found = (runs.filter(model=model) if model else runs).aggregate(number=Count("*"), total=Sum("cost"))
    return Costs(found["number"], found["total"] or Decimal())


def describe_time_left(until: datetime, now: datetime) -> str:
    """`3 days left`, rounded down; `less than a minute left`; empty when it is over."""
    seconds = (until - now).total_seconds()
    if seconds <= 0:
        return ""
    for length, noun in SPANS:
        if seconds >= length:
            return f"{pluralise(int(seconds // length), noun)} left"
    return "less than a minute left"


def read_page(view: View, user: User, now: datetime, *, model: str, page: int) -> tuple[list[OutputRow], bool]:
    """The rows of a page, and whether there are more."""
    start = (page - 1) * PAGE
    found = find_outputs(view, now, model=model)
    # Chosen from an index, before anything of their runs is read.
    chosen = GenerationOutput.objects.filter(pk__in=found.values("pk")[start : start + PAGE + 1])
    outputs = list(chosen.select_related("run__person", "kept_by").order_by(*found.query.order_by))
    return make_rows(outputs[:PAGE], user, now), len(outputs) > PAGE
