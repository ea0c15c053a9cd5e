"""The models that an asset can be used with, judged one by one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from assets.catalogue.fits import NO_LIMITS, FileFacts, Verdict, judge
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
class ModelFit:
    """The inputs of a model that an asset may be used in: nothing that is stated speaks against it."""

    model: SegmindModel
    inputs: list[Judgement]

    @property
    def reasons(self) -> list[str]:
        """Why of some nobody can say whether it fits, beyond that no limits are stated."""
        return list(
            dict.fromkeys(reason for one in self.inputs for reason in one.verdict.reasons if reason != NO_LIMITS)
        )


@dataclass(frozen=True)
class WorksWith:
    """`others`: the inputs that it does not fit. The first few models are `shown` at once, on a page no more than
    `most` of either.
    """

    shown, most = 6, 30

    models: list[ModelFit]
    others: list[Judgement]

    @property
    def best(self) -> Judgement | None:
        """The best used one that fits; otherwise one of which nobody can say."""
        usable = [one for fit in self.models for one in fit.inputs]
        return next((one for one in usable if one.verdict.fits), usable[0] if usable else None)

    @property
    def has_unlimited(self) -> bool:
        return any(NO_LIMITS in one.verdict.reasons for fit in self.models for one in fit.inputs)


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
    """The inputs for files of this kind, in two queries: the best used models first, then those that it surely fits."""
    usable: dict[int, ModelFit] = {}
    others = []
    for one in judge_inputs(asset):
        if one.verdict.outcome == "does_not":
            others.append(one)
        else:
            usable.setdefault(one.model.pk, ModelFit(one.model, [])).inputs.append(one)
    return WorksWith(sorted(usable.values(), key=_rank), others)


def _rank(fit: ModelFit) -> tuple[int, bool]:
    return -fit.model.use_count, not any(one.verdict.fits for one in fit.inputs)


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
