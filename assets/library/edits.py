"""Saving what a person changed of an asset, and nothing over what somebody else changed meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.text import get_text_list

from assets import permissions
from assets.audit import history
from assets.audit.timeline import NAMES
from assets.library.forms import AssetForm
from assets.models import Asset, UndoStep, User, Visibility
from assets.undo import recording
from assets.undo.recording import recorded
from assets.undo.snapshot import EDITED


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed: what it is now, and who made it so if that is known."""

    field: str
    name: str
    now: str
    actor: str
    at: datetime | None


@dataclass(frozen=True)
class Change:
    """What was done, in words, and the step that undoes it; none if nothing was changed."""

    message: str
    step: UndoStep | None

    @property
    def undo(self) -> str:
        """The URL to post to; empty if nothing was changed."""
        return recording.url_of(self.step)


def require_visibility(form: AssetForm, user: User) -> None:
    """Raises PermissionDenied if the form changes who sees the asset, and this person may not."""
    if "visibility" in form.changed_texts() and not permissions.may_change_visibility(user, form.asset):
        raise PermissionDenied(permissions.OWNER_ONLY)


def save_undoably(form: AssetForm, *, by: User) -> Change:
    """`form.asset` must be locked, and `form.conflicts()` empty."""
    with recorded(by, [form.asset.pk], EDITED, f"Edited “{form.asset.title}”") as steps:
        save(form, by=by)
    return Change("Saved", next(iter(steps), None))


def move_to_trash(asset: Asset, *, by: User) -> Change:
    """The asset must be locked. One that is there already stays there as it is."""
    message = f"Moved “{asset.title}” to trash"
    with recorded(by, [asset.pk], ("trashed_at",), message) as steps:
        if not asset.is_trashed:
            asset.trash(timezone.now())
    return Change(message, next(iter(steps), None))


def restore(asset: Asset, *, by: User) -> Change:
    """The asset must be locked."""
    message = f"Restored “{asset.title}”"
    with recorded(by, [asset.pk], ("trashed_at",), message) as steps:
        asset.restore()
    return Change(message, next(iter(steps), None))


def save(form: AssetForm, *, by: User) -> None:
    """`form.asset` must be locked, and `form.conflicts()` empty."""
    asset, texts = form.asset, form.changed_texts()
    tags, collections = form.changed_names("tags"), form.changed_names("collections")
    if not texts and not any(tags) and not any(collections):
        return
    for name, value in texts.items():
        setattr(asset, name, value)
    asset.save(update_fields=[*texts, "updated_at"])
    if "visibility" in texts:
        Asset.objects.filter(pk=asset.pk).announce_shown()
    asset.change_labels(tags=tags, collections=collections, by=by)


def describe_conflicts(form: AssetForm, fields: Sequence[str], user: User) -> list[Conflict]:
    """For a person who has to choose."""
    events = history.for_asset(form.asset, user=user)
    return [_describe(form.asset, field, events) for field in fields]


def _describe(asset: Asset, field: str, events: Sequence[history.AuditEvent]) -> Conflict:
    last = next((event for event in events if event.get_change(field)), None)
    now = Visibility(asset.visibility).label if field == "visibility" else str(getattr(asset, field))
    return Conflict(field, NAMES[field], now, last.actor if last else "", last.at if last else None)


def explain(fields: Sequence[str]) -> str:
    """For programs."""
    names = get_text_list([NAMES[field].lower() for field in fields], "and")
    return f"The {names} changed since this version, so nothing was saved. Read the asset again, then decide."
