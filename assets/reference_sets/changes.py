"""Making, changing and deleting sets. Who may is asked of `permissions`; a set that is changed must be locked."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assets.audit.log import record_changes
from assets.models import Asset, ReferenceSet, SetMember, SetRevision, SetRole, User, Visibility
from assets.models.reference_sets import KEPT_VERSIONS, MAX_MEMBERS, TITLE_LENGTH
from assets.reference_sets.contents import read_state
from assets.reference_sets.merge import ConflictError, merge
from assets.reference_sets.state import TEXTS, Member, SetState
from assets.text.shorten import shorten

TOO_MANY = f"A set holds up to {MAX_MEMBERS} assets."
NO_ASSETS = "None of these assets can be added: they are in the trash, or in the set already."


class TooOldError(ConflictError):
    """What the edit began from is no longer known."""

    def __init__(self) -> None:
        super().__init__(["version"])


@transaction.atomic
def create(user: User, title: str, assets: Sequence[Asset], *, model: str = "", visibility: str = "") -> ReferenceSet:
    """Raises ValidationError if there are too many assets."""
    made = ReferenceSet(owner=user, title=title, model=model, visibility=visibility or user.default_visibility)
    made.changed_by = user
    made.save()
    state = SetState(made.title, made.note, made.model, made.visibility, tuple(map(make_member, assets)))
    _write_members(made, state)
    _keep_revision(made, state, user, made.created_at)
    return made


def make_member(asset: Asset) -> Member:
    return Member(str(uuid.uuid4()), str(asset.pk), asset.kind, SetRole.usual_for(asset.kind))


def save(found: ReferenceSet, mine: SetState, version: int, user: User) -> bool:
    """Write an edit that was begun at a version. Returns whether anything is changed. Raises ConflictError."""
    theirs = read_state(found)
    merged = merge(read_revision(found, version), mine, theirs)
    if merged != theirs:
        _write(found, theirs, merged, user)
    return merged != theirs


def add(found: ReferenceSet, assets: Sequence[Asset], user: User) -> int:
    """At the end, without those that are in it already. Returns how many. Raises ValidationError."""
    state = read_state(found)
    known = {member.asset for member in state.members}
    new = [make_member(asset) for asset in assets if str(asset.pk) not in known]
    if not new:
        raise ValidationError(NO_ASSETS, code="nothing_there")
    _write(found, state, replace(state, members=(*state.members, *new)), user)
    return len(new)


def undo(found: ReferenceSet, version: int, user: User) -> bool:
    """Take back what made this version, as far as nobody has changed the same since. Raises ConflictError.

    Who sees it is changed by nobody but the owner.
    """
    theirs, done, before = read_state(found), read_revision(found, version), read_revision(found, version - 1)
    if found.owner_id != user.pk:
        before = replace(before, visibility=done.visibility)
    merged = merge(done, before, theirs)
    if merged != theirs:
        _write(found, theirs, merged, user)
    return merged != theirs


@transaction.atomic
def duplicate(found: ReferenceSet, user: User) -> ReferenceSet:
    """A set of the person's own with the same members, whether they may see them or not."""
    state = read_state(found)
    title = shorten(f"{found.title} (copy)", TITLE_LENGTH)
    copy = ReferenceSet(owner=user, title=title, note=found.note, model=found.model, changed_by=user)
    copy.visibility = user.default_visibility
    copy.save()
    members = tuple(replace(member, id=str(uuid.uuid4())) for member in state.members)
    own = SetState(copy.title, copy.note, copy.model, copy.visibility, members)
    _write_members(copy, own)
    _keep_revision(copy, own, user, copy.created_at)
    return copy


def delete(found: ReferenceSet, user: User, now: datetime) -> None:
    """For an hour, the person can bring it back."""
    found.deleted_at, found.changed_by = now, user
    found.save(update_fields=["deleted_at", "changed_by"])


def restore(found: ReferenceSet) -> None:
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])


def read_revision(found: ReferenceSet, version: int) -> SetState:
    """What the set was at a version. Raises TooOldError."""
    if version == found.version:
        return read_state(found)
    revision = found.revisions.filter(version=version).first()
    if revision is None:
        raise TooOldError
    return SetState.from_json(revision.state)


def _write(found: ReferenceSet, before: SetState, state: SetState, user: User) -> None:
    now = timezone.now()
    _keep_revision(found, before, found.changed_by, found.updated_at)
    for name in TEXTS:
        setattr(found, name, getattr(state, name))
    found.version += 1
    found.changed_by, found.updated_at = user, now
    found.save(update_fields=[*TEXTS, "version", "changed_by", "updated_at"])
    _write_members(found, state)
    _keep_revision(found, state, user, now)
    _record(found, before, state)


def _write_members(found: ReferenceSet, state: SetState) -> None:
    """Raises ValidationError if there are too many."""
    if len(state.members) > MAX_MEMBERS:
        raise ValidationError(f"{TOO_MANY} This makes {len(state.members)}.", code="too_many")
    found.members.exclude(pk__in=state.ids).delete()
    rows = [_make_row(found, member, position) for position, member in enumerate(state.members)]
    SetMember.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["position", "role", "words"]
    )


def _make_row(found: ReferenceSet, member: Member, position: int) -> SetMember:
    return SetMember(
        id=uuid.UUID(member.id),
        reference_set=found,
        asset_id=member.asset or None,
        kind=member.kind,
        position=position,
        role=member.role,
        words=member.words,
    )


def _keep_revision(found: ReferenceSet, state: SetState, user: User | None, now: datetime) -> None:
    """Unless it is kept already; that of an imported set is not."""
    found.revisions.filter(version__lte=found.version - KEPT_VERSIONS).delete()
    values = {"by": user, "at": now, "state": state.as_json()}
    SetRevision.objects.get_or_create(reference_set=found, version=found.version, defaults=values)


def _record(found: ReferenceSet, before: SetState, state: SetState) -> None:
    """The members, which the audit log cannot see; no titles of assets, which may be private."""
    if found.visibility != Visibility.TEAM or before.members == state.members:
        return
    if before.ids == state.ids:
        record_changes([(found, {"members": ("", "described")})])
    elif set(before.ids) == set(state.ids):
        record_changes([(found, {"members": ("", "rearranged")})])
    else:
        record_changes([(found, {"members": (str(len(before.members)), str(len(state.members)))})])
