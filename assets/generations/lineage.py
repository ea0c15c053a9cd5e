"""What became of an asset: the runs that used its file, what they made, and what that was used for; and where it came
from. Only the few rows are read that a small graph shows."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch, Sum

from assets import permissions
from assets.generations.listing import OutputRow, find_assets
from assets.models import Asset, GenerationOutput, GenerationRun, RunInput, User

MAX_DEPTH = 4
MAX_RUNS = 60
MAX_SHOWN_OUTPUTS = 12
MAX_MAKERS = 5


@dataclass(frozen=True)
class UsingRun:
    """A run that used a file. `outputs`: the first few, `more` how many there are beside them."""

    run: GenerationRun
    outputs: list["MadeOutput"]
    more: int


@dataclass(frozen=True)
class MadeOutput:
    row: OutputRow
    uses: list[UsingRun] = field(default_factory=list)


@dataclass(frozen=True)
class MakingRun:
    """A run that made a file, with the assets among its inputs. `others`: how many inputs the person does not see."""

    run: GenerationRun
    prompt: str
    assets: list[Asset]
    others: int


@dataclass(frozen=True)
class Lineage:
    makers: list[MakingRun]
    uses: list[UsingRun]
    run_count: int
    cost: Decimal

    @property
    def hidden(self) -> int:
        """Runs that used it and are not among those shown."""
        return max(self.run_count - len(self.uses), 0)


def find_lineage(asset: Asset, user: User, now: datetime, *, limit: int) -> Lineage:
    """`limit`: of the runs that used it, the latest."""
    file = asset.stored_file_id
    used_in = RunInput.objects.filter(stored_file=file).order_by().values("run")
    runs = GenerationRun.objects.filter(pk__in=used_in).order_by()
    cost = runs.aggregate(total=Sum("cost"))["total"] if asset.stored_file.run_count else None
    return Lineage(
        makers=_find_makers(file, user),
        uses=_find_uses(file, user, now, limit) if asset.stored_file.run_count else [],
        run_count=asset.stored_file.run_count,
        cost=cost or Decimal(),
    )


def _find_makers(file: uuid.UUID, user: User) -> list[MakingRun]:
    outputs = GenerationOutput.objects.filter(stored_file=file).order_by("-expires_at").values("run")
    runs = GenerationRun.objects.filter(pk__in=outputs).select_related("person").prefetch_related("inputs")
    found = list(runs[:MAX_MAKERS])
    assets = find_assets((each.stored_file_id for run in found for each in run.inputs.all()), user)
    return [_describe_maker(run, user, assets) for run in found]


def _describe_maker(run: GenerationRun, user: User, assets: dict[uuid.UUID | None, Asset]) -> MakingRun:
    inputs = list(run.inputs.all())
    seen = [assets[each.stored_file_id] for each in inputs if each.stored_file_id in assets]
    prompt = run.prompt if permissions.may_see_prompt(user, run) else ""
    return MakingRun(run, prompt, seen, len(inputs) - len(seen))


def _find_uses(file: uuid.UUID, user: User, now: datetime, limit: int) -> list[UsingRun]:
    """Level by level, each run once."""
    levels = [_using_runs([file], limit=limit, known=set())]
    known = {run.pk for runs in levels[0].values() for run in runs}
    while len(levels) < MAX_DEPTH and len(known) < limit + MAX_RUNS:
        files = {output.stored_file_id for output in _outputs_of(levels[-1]) if output.stored_file_id}
        level = _using_runs(files, limit=MAX_RUNS, known=known) if files else {}
        if not level:
            break
        known |= {run.pk for runs in level.values() for run in runs}
        levels.append(level)
    assets = find_assets((output.stored_file_id for level in levels for output in _outputs_of(level)), user)
    return _build(file, levels, assets, now)


Level = dict[uuid.UUID, list[GenerationRun]]


def _outputs_of(level: Level) -> list[GenerationOutput]:
    return [output for runs in level.values() for run in runs for output in run.outputs.all()]


def _using_runs(files: Iterable[uuid.UUID | None], *, limit: int, known: set[uuid.UUID]) -> Level:
    """The latest runs that used one of these files, by file."""
    links = RunInput.objects.filter(stored_file__in=set(files)).exclude(run__in=known).order_by("-run__made_at", "-pk")
    outputs = Prefetch("run__outputs", GenerationOutput.objects.select_related("run__person"))
    level: Level = defaultdict(list)
    for link in links.select_related("run__person").prefetch_related(outputs)[:limit]:
        # A run may have been given a file by two of its URLs.
        if link.stored_file_id and link.run not in level[link.stored_file_id]:
            level[link.stored_file_id].append(link.run)
    return dict(level)


def _build(
    file: uuid.UUID, levels: list[Level], assets: dict[uuid.UUID | None, Asset], now: datetime
) -> list[UsingRun]:
    if not levels:
        return []
    level, deeper = levels[0], levels[1:]
    return [_build_run(run, deeper, assets, now) for run in level.get(file, ())]


def _build_run(
    run: GenerationRun, deeper: list[Level], assets: dict[uuid.UUID | None, Asset], now: datetime
) -> UsingRun:
    outputs = list(run.outputs.all())
    made = [
        MadeOutput(
            OutputRow(output, assets.get(output.stored_file_id), now),
            _build(output.stored_file_id, deeper, assets, now) if output.stored_file_id else [],
        )
        for output in outputs[:MAX_SHOWN_OUTPUTS]
    ]
    return UsingRun(run, made, len(outputs) - len(made))
