"""Keeps outputs before Segmind deletes them: fetched without the key, and received like uploads.

A worker may be killed at any moment. What it had fetched is known by its hash, so that the next attempt neither adds
an asset twice nor calls an output lost that is in the library already.
"""

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets import disk, permissions
from assets.audit.log import audit_context
from assets.generations.match import match_kept_output
from assets.generations.rows import without_query
from assets.imports.fetch import UnreachableError
from assets.imports.receive import fetched_file
from assets.models import Asset, GenerationHistory, GenerationOutput, StoredFile, User, Visibility, tasks
from assets.models.generations import GenerationOutputQuerySet, KeepRule, OutputState
from assets.uploads.receive import receive_upload

AT_ONCE = 500
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
MAX_ATTEMPTS = 12
# A file that is not there is gone, unless it should be, and the host may be mistaken.
GONE = (404, 410)
REFUSED = (401, 403)
MAX_ATTEMPTS_GONE = 3
CLOCK_TOLERANCE = timedelta(hours=1)
NOBODY = "Nobody can keep it: whoever asked for it may no longer upload."
# Codes of errors that are over by themselves.
TRANSIENT = ("busy", disk.FULL, "changed")


def request_keep(outputs: GenerationOutputQuerySet, now: datetime, *, by: User | None = None) -> int:
    """Keep these outputs, for the library of a person or of whoever ran them. Returns how many were not yet."""
    with transaction.atomic():
        pks = outputs.mark_keeping(now, by=by.pk if by else None)
        for pk in pks:
            keep_output.enqueue(str(pk))
    return len(pks)


def apply_rules(now: datetime) -> None:
    """Keep what administrators have chosen, a batch at a time."""
    history = GenerationHistory.objects.filter(is_on=True).exclude(rule=KeepRule.NONE).first()
    if history is None:
        return
    found = GenerationOutput.objects.filter(state=OutputState.FOUND, expires_at__gt=now - CLOCK_TOLERANCE)
    if history.rule == KeepRule.MODELS:
        found = found.filter(run__model__in=history.kept_models)
    pks = list(found.values_list("pk", flat=True)[:AT_ONCE])
    if pks:
        request_keep(GenerationOutput.objects.filter(pk__in=pks), now)


def plan(now: datetime) -> None:
    """What rules keep, and what has lost its task."""
    apply_rules(now)
    tasks.find_again(keep_output, GenerationOutput.objects.overdue(now), "next_attempt_at")


@task(queue_name="outputs")
def keep_output(pk: str) -> None:
    outputs = GenerationOutput.objects.filter(pk=uuid.UUID(pk), state=OutputState.KEEPING)
    output = outputs.select_related("run__person", "kept_by").first()
    if output is None:
        return
    owner = _find_owner(output)
    if owner is None:
        _end(output, OutputState.FAILED, timezone.now(), NOBODY)
    elif content := _find_content(output, owner):
        _record_kept(output, content)
    else:
        _fetch(output, owner)


def _find_owner(output: GenerationOutput) -> User | None:
    """Who gets the asset: who asked for it, else who ran the model, else whom administrators named."""
    history = GenerationHistory.objects.select_related("owner").first()
    candidates = (output.kept_by, output.run.person, history and history.owner)
    return next((person for person in candidates if person and permissions.may_upload(person)), None)


def _find_content(output: GenerationOutput, owner: User) -> StoredFile | None:
    """What an earlier attempt received before it was interrupted."""
    assets = Asset.objects.owned_by(owner).current().select_related("stored_file")
    found = assets.filter(stored_file__sha256=output.sha256).first() if output.sha256 else None
    return found.stored_file if found else None


def _fetch(output: GenerationOutput, owner: User) -> None:
    try:
        with fetched_file(output.url) as file:
            GenerationOutput.objects.filter(pk=output.pk).update(sha256=file.sha256)
            url = without_query(output.url)
            with audit_context(user=output.kept_by, name="" if output.kept_by else "outputs"):
                visibility = _choose_visibility(output, owner)
                receipt = receive_upload(
                    file, owner=owner, title=_make_title(output), source_url=url, visibility=visibility
                )
    except ValidationError as error:
        _record_trouble(output, error, timezone.now())
    else:
        _record_kept(output, receipt.asset.stored_file)


def _choose_visibility(output: GenerationOutput, owner: User) -> str:
    """As whoever ran it has chosen for uploads. What others keep is not hidden from those who saw it until then."""
    return owner.default_visibility if owner == output.run.person else Visibility.TEAM


def _make_title(output: GenerationOutput) -> str:
    """Not the prompt, which is not for everybody."""
    made_at = timezone.localtime(output.run.made_at)
    return f"{output.run.model or 'Output'}, {made_at:%-d %b %Y, %H:%M}"


@transaction.atomic
def _record_kept(output: GenerationOutput, stored_file: StoredFile) -> None:
    output.stored_file = stored_file
    _end(output, OutputState.KEPT, timezone.now())
    match_kept_output(output)


def _record_trouble(output: GenerationOutput, error: ValidationError, now: datetime) -> None:
    message = " ".join(error.messages)
    is_transient = isinstance(error, UnreachableError) or error.code in TRANSIENT
    output.attempts += 1
    if _is_gone(output, error, now):
        _end(output, OutputState.DELETED, now, message)
    elif not is_transient or output.attempts >= MAX_ATTEMPTS:
        _end(output, OutputState.FAILED, now, message)
    else:
        _try_later(output, message, now)


def _is_gone(output: GenerationOutput, error: ValidationError, now: datetime) -> bool:
    status = error.status if isinstance(error, UnreachableError) else None
    is_late = output.expires_at <= now + CLOCK_TOLERANCE
    return (is_late and status in (*GONE, *REFUSED)) or (status in GONE and output.attempts >= MAX_ATTEMPTS_GONE)


def _try_later(output: GenerationOutput, message: str, now: datetime) -> None:
    """Sooner, if Segmind deletes it before that."""
    at = now + PAUSES[min(output.attempts, len(PAUSES)) - 1]
    if now < output.expires_at < at:
        at = max(now + PAUSES[0], output.expires_at - (output.expires_at - now) / 2)
    with transaction.atomic():
        if _write(output, attempts=output.attempts, error=message, next_attempt_at=at):
            keep_output.using(run_after=at).enqueue(str(output.pk))


def _end(output: GenerationOutput, state: OutputState, now: datetime, error: str = "") -> None:
    """`ended_at` of an output that is gone is when Segmind was to delete it, if that is over."""
    is_gone = state == OutputState.DELETED
    _write(
        output,
        state=state,
        error="" if is_gone else error,
        next_attempt_at=None,
        ended_at=min(now, output.expires_at) if is_gone else now,
        attempts=output.attempts,
        stored_file=output.stored_file,
    )


def _write(output: GenerationOutput, **values: object) -> bool:
    """Unless another worker, which took over from a slow one, has kept it: then it stays kept."""
    return GenerationOutput.objects.filter(pk=output.pk).exclude(state=OutputState.KEPT).update(**values) == 1
