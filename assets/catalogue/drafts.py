"""Writes what a source states into the catalogue, and leaves alone what a better one has stated."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TypeVar

from django.db import models, transaction

from assets.models.catalogue import ModelInput, ModelLimit, ModelParameter, Origin, SegmindModel, Sourced

AT_ONCE = 50
_SOURCE = ("origin", "source_url", "read_on")
_FIELD = (*_SOURCE, "position", "required")
_COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    SegmindModel: (*_SOURCE, "title", "description", "output"),
    ModelInput: (*_FIELD, "kind", "is_list"),
    ModelParameter: (*_FIELD, "type", "default", "choices"),
    ModelLimit: (*_SOURCE, "value"),
}
_KEYS: dict[type[models.Model], tuple[str, ...]] = {
    SegmindModel: ("slug",),
    ModelInput: ("model_id", "name"),
    ModelParameter: ("model_id", "name"),
    ModelLimit: ("model_id", "input_id", "name"),
}
Row = TypeVar("Row", SegmindModel, ModelInput, ModelParameter, ModelLimit)
Part = TypeVar("Part", ModelInput, ModelParameter, ModelLimit)


@dataclass
class Draft:
    """A model as one source states it, in rows that are not saved and refer to each other."""

    model: SegmindModel
    inputs: list[ModelInput] = field(default_factory=list)
    parameters: list[ModelParameter] = field(default_factory=list)
    limits: list[ModelLimit] = field(default_factory=list)


def write(drafts: Iterable[Draft], origin: Origin) -> None:
    """What this source stated of these models before and no longer does goes. The models themselves stay."""
    rest = iter(drafts)
    while some := list(islice(rest, AT_ONCE)):
        with transaction.atomic():
            _write_some(some, origin)


def _write_some(drafts: Sequence[Draft], origin: Origin) -> None:
    known = SegmindModel.objects.filter(slug__in=[draft.model.slug for draft in drafts])
    known.exclude(retired_at=None).update(retired_at=None)
    _put(SegmindModel, [draft.model for draft in drafts], known)
    _put_parts(ModelInput, drafts, [row for draft in drafts for row in draft.inputs], origin)
    _put_parts(ModelParameter, drafts, [row for draft in drafts for row in draft.parameters], origin)
    _put_parts(ModelLimit, drafts, [row for draft in drafts for row in draft.limits], origin)


def _put_parts(model: type[Part], drafts: Sequence[Draft], rows: list[Part], origin: Origin) -> None:
    for row in rows:
        _refer(row)
    if model is not ModelLimit:
        rows = _without_rivals(rows, drafts, ModelParameter if model is ModelInput else ModelInput, origin)
    known = model._default_manager.filter(model__in=[draft.model.pk for draft in drafts])
    _put(model, rows, known)
    gone = known.filter(origin=origin).exclude(pk__in=[row.pk for row in rows])
    # What was corrected by hand keeps the input that it is of.
    gone.exclude(pk__in=_corrected_inputs() if model is ModelInput else []).delete()


def _without_rivals(
    rows: list[Part], drafts: Sequence[Draft], other: type[ModelInput | ModelParameter], origin: Origin
) -> list[Part]:
    """Without fields that another source takes for something else: an input for a parameter, or the reverse."""
    rivals = other._default_manager.filter(model__in=[draft.model.pk for draft in drafts]).exclude(origin=origin)
    taken = set(rivals.values_list("model_id", "name"))
    return [row for row in rows if (row.model_id, row.name) not in taken]


def _corrected_inputs() -> list[int]:
    limits = ModelLimit.objects.filter(origin=Origin.HAND, input__isnull=False)
    return [limit.input_id for limit in limits if limit.input_id]


def _refer(row: ModelInput | ModelParameter | ModelLimit) -> None:
    """Take the ids of the rows it refers to, which were saved since."""
    row.model = row.model
    if isinstance(row, ModelLimit) and row.input:
        row.input = row.input


def _put(model: type[Row], rows: Iterable[Row], known: models.QuerySet[Row]) -> None:
    """Insert what is new, and update what has changed, unless a better source states it. Gives every row its id."""
    existing = {_values(row, _KEYS[model]): row for row in known}
    new: list[Row] = []
    changed: list[Row] = []
    same: list[Row] = []
    for row in rows:
        earlier = existing.get(_values(row, _KEYS[model]))
        if earlier is None:
            new.append(row)
            continue
        row.pk = earlier.pk
        if Origin(row.origin).rank < Origin(earlier.origin).rank:
            continue
        stated = [column for column in _COLUMNS[model] if column != "read_on"]
        (same if _values(row, stated) == _values(earlier, stated) else changed).append(row)
    model._default_manager.bulk_create(new)
    if changed:
        model._default_manager.bulk_update(changed, _COLUMNS[model])
    for read_on, rows_of_day in _by_day(same).items():
        model._default_manager.filter(pk__in=rows_of_day).exclude(read_on=read_on).update(read_on=read_on)


def _by_day(rows: Iterable[Sourced]) -> dict[date, list[int]]:
    days: defaultdict[date, list[int]] = defaultdict(list)
    for row in rows:
        days[row.read_on].append(row.pk)
    return days


def _values(row: models.Model, columns: Iterable[str]) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in columns)
