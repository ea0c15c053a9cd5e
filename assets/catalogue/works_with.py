"""The models that an asset can be used with, judged one by one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from assets.catalogue.fits import FileFacts, Verdict, judge
from assets.catalogue.store import to_input
from assets.models import Asset, ModelInput, SegmindModel


@dataclass(frozen=True)
class Judgement:
    """What is to be said of an asset and an input. `url` leads to a request with the asset in that input."""

    model: SegmindModel
    input: str
    verdict: Verdict
    url: str


@dataclass(frozen=True)
class WorksWith:
    """`usable`: where nothing that is stated speaks against it. The first few are `shown` at once."""

    shown = 6

    usable: list[Judgement]
    others: list[Judgement]

    @property
    def best(self) -> Judgement | None:
        """The best used one that fits; otherwise one of which nobody can say."""
        fitting = (one for one in self.usable if one.verdict.fits)
        return next(fitting, self.usable[0] if self.usable else None)


def facts_of(asset: Asset) -> FileFacts:
    file = asset.stored_file
    return FileFacts(
        kind=asset.kind,
        media_type=file.media_type,
        size=file.size,
        width=file.width,
        height=file.height,
        seconds=file.duration,
    )


def works_with(asset: Asset) -> WorksWith:
    """The inputs for files of this kind, in two queries: the best used models first."""
    judgements = judge_inputs(asset)
    usable = [one for one in judgements if one.verdict.outcome != "does_not"]
    return WorksWith(usable, [one for one in judgements if one not in usable])


def judge_inputs(asset: Asset) -> list[Judgement]:
    rows = ModelInput.objects.filter(kind=asset.kind, model__retired_at=None)
    rows = rows.select_related("model").prefetch_related("limits")
    facts = facts_of(asset)
    return [
        Judgement(row.model, row.name, judge(to_input(row, row.limits.all()), facts), request_url(asset, row))
        for row in rows.order_by("-model__use_count", "model__title", "model__slug", "position", "name")
    ]


def request_url(asset: Asset, row: ModelInput) -> str:
    return f"{row.model.get_absolute_url()}request/?{urlencode({'id': asset.pk, 'input': row.name})}"
