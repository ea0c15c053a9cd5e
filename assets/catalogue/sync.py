"""Brings the catalogue up to date with Segmind's lists. Whatever comes, what was good stays."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypedDict

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from assets.catalogue.drafts import Draft, write
from assets.catalogue.listed import Listed, Reading, read_directory, read_models
from assets.models import ModelInput, ModelLimit, ModelParameter, ModelSync, SegmindModel
from assets.models.catalogue import LimitName, Origin
from assets.segmind.model_list import fetch_directory, fetch_models
from assets.segmind.responses import SegmindError
from assets.text.formats import pluralise

logger = logging.getLogger(__name__)
# A list that is shorter, or lacks a larger part of the models that are known, retires none.
MIN_LISTED = 10
MAX_GONE = 0.2


@dataclass
class Report:
    """`listed`: how many models the lists have. `remarks`: what was away or strange, in sentences."""

    listed: int = 0
    added: int = 0
    retired: int = 0
    is_complete: bool = True
    remarks: list[str] = field(default_factory=list)


class _Source(TypedDict):
    origin: Origin
    source_url: str
    read_on: date


def plan(now: datetime) -> None:
    """Enqueue a sync once a day, if it is switched on."""
    if settings.SYNC_MODELS and ModelSync.claim(now):
        sync_once.enqueue()


@task(queue_name="upkeep")
def sync_once() -> None:
    report = sync(timezone.now())
    for remark in report.remarks:
        logger.warning("%s", remark)


def sync(now: datetime) -> Report:
    report = Report()
    today = timezone.localdate(now)
    before = SegmindModel.objects.count()
    programs = _read("The list for programs", lambda: read_models(fetch_models()), report)
    people = _read("The list for people", lambda: read_directory(fetch_directory()), report)
    listed = {**people.models, **{slug: _complete(one, people) for slug, one in programs.models.items()}}
    current = {slug: one for slug, one in listed.items() if not one.is_retired}
    drafts = (_to_draft(one, _source(one, programs, today)) for one in current.values())
    write(drafts, Origin.SEGMIND)
    report.listed, report.added = len(current), SegmindModel.objects.count() - before
    if report.is_complete:
        _retire(set(current), report, now)
    _record(report, now)
    return report


def _read(name: str, read: Callable[[], Reading], report: Report) -> Reading:
    """What a list says; nothing if it is away or makes no sense, which is then in the report."""
    try:
        reading = read()
    except (SegmindError, ValueError) as error:
        report.is_complete = False
        report.remarks.append(f"{name} could not be read: {error}".rstrip(".") + ".")
        return Reading()
    if reading.unread:
        report.remarks.append(f"{name} has {pluralise(reading.unread, 'row')} that made no sense.")
    return reading


def _complete(one: Listed, people: Reading) -> Listed:
    """With the output from the list for people, where that for programs does not say it."""
    other = people.models.get(one.slug)
    if one.output or other is None:
        return one
    return replace(one, description=one.description or other.description, output=other.output)


def _source(one: Listed, programs: Reading, today: date) -> _Source:
    url = settings.SEGMIND_MODELS_URL if one.slug in programs.models else settings.SEGMIND_DIRECTORY_URL
    return _Source(origin=Origin.SEGMIND, source_url=url, read_on=today)


def _to_draft(one: Listed, source: _Source) -> Draft:
    model = SegmindModel(slug=one.slug, title=one.title, description=one.description, output=one.output, **source)
    draft = Draft(model)
    for position, spec in enumerate(one.inputs):
        row = ModelInput(
            model=model, name=spec.name, position=position, kind=spec.kind, is_list=spec.is_list,
            required=spec.required, **source,
        )  # fmt: skip
        draft.inputs.append(row)
        if spec.max_count:
            value = str(spec.max_count)
            draft.limits.append(ModelLimit(model=model, input=row, name=LimitName.MAX_COUNT, value=value, **source))
    draft.parameters.extend(_to_parameters(one, model, source))
    return draft


def _to_parameters(one: Listed, model: SegmindModel, source: _Source) -> Iterator[ModelParameter]:
    for position, spec in enumerate(one.parameters):
        yield ModelParameter(
            model=model, name=spec.name, position=position, type=spec.type, required=spec.required,
            default=spec.default, choices=list(spec.choices), **source,
        )  # fmt: skip


def _retire(listed: set[str], report: Report, now: datetime) -> None:
    """Mark what Segmind no longer lists, unless the lists look as if a part of them were missing."""
    known = SegmindModel.objects.current().exclude(origin=Origin.HAND)
    gone = [slug for slug in known.values_list("slug", flat=True) if slug not in listed]
    if not gone:
        return
    if len(listed) < MIN_LISTED or len(gone) > MAX_GONE * known.count():
        report.remarks.append(f"The lists lack {pluralise(len(gone), 'known model')}. None was retired.")
        return
    report.retired = known.filter(slug__in=gone).retire(now)


def _record(report: Report, now: datetime) -> None:
    row = ModelSync.load()
    row.remarks = "\n".join(report.remarks)
    if report.is_complete:
        row.read_at, row.listed = now, report.listed
    row.save(update_fields=["remarks", "read_at", "listed"])
