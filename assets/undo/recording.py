"""Keeps what a change needs to be taken back, for whoever changes assets:

    with transaction.atomic():
        …lock the assets…
        with undo.recording.record(step, pks, ("tags",)):
            …change them…

`begin()` comes before the first batch of a change, `finish()` after the last. `recorded()` is all of it for few assets.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assets.audit.log import current_request
from assets.models import UndoBatch, UndoStep, User
from assets.models.undo import SUMMARY_LENGTH
from assets.text.shorten import shorten
from assets.undo import snapshot


def begin(user: User) -> UndoStep:
    return UndoStep.objects.create(user=user, made_at=timezone.now(), request=current_request())


@contextmanager
def record(step: UndoStep, pks: Sequence[UUID], fields: Iterable[str]) -> Iterator[None]:
    """Keep what changes within, of these `fields` of these assets: those of `snapshot.EDITED`, `trashed_at`, and
    `favourite`.

    Call it in the transaction of the change, with the assets locked, for a thousand at most.
    """
    fields = tuple(fields)
    before = snapshot.take(pks, fields, step.user)
    now = timezone.now()
    yield
    changes = snapshot.diff(before, snapshot.take(pks, fields, step.user))
    if changes:
        UndoBatch.objects.create(step=step, made_at=now, changes=changes)


def finish(step: UndoStep, summary: str) -> UndoStep | None:
    """The step, of which the summary says what was done; None if nothing has changed."""
    if not step.batches.exists():
        step.delete()
        return None
    step.summary = shorten(summary, SUMMARY_LENGTH)
    step.save(update_fields=["summary"])
    return step


def url_of(step: UndoStep | None) -> str:
    """The URL that undoes the step, to post to; empty where there is none."""
    return reverse("undo_step", args=[step.pk]) if step else ""


@contextmanager
def recorded(user: User, pks: Sequence[UUID], fields: Iterable[str], summary: str) -> Iterator[list[UndoStep]]:
    """A step of one batch, in a transaction. After it, the list holds the step if there is something to undo."""
    steps: list[UndoStep] = []
    with transaction.atomic():
        step = begin(user)
        with record(step, pks, fields):
            yield steps
        steps += filter(None, [finish(step, summary)])
