"""What the audit log tells about an asset or an account. Changes made in one request are one event."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assets.audit import log, owners
from assets.audit.log import ACCOUNT_FIELDS, ASSET_FIELDS, LABEL_FIELDS, LogEntry
from assets.models import Asset, User, Visibility, page_queries
from assets.models.page_queries import LogRow

SHOWN_OF_ASSETS = (*ASSET_FIELDS, *LABEL_FIELDS)
SHOWN_OF_ACCOUNTS = (
    *ACCOUNT_FIELDS, "password", "password_link", "sessions", "token_created", "token_revoked", "webhook", "assets",
)  # fmt: skip
MAX_LOG_ENTRIES = 100
_COLUMNS = ("pk", "timestamp", "action", "changes", "cid", "additional_data", "actor__username")


@dataclass(frozen=True)
class Change:
    """The value of a field before and after; for tags and collections, the names removed and added."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class AuditEvent:
    """`actor`: a username, or the name of a command or task. `former_owner_id`: an account, if the owner changed."""

    at: datetime
    actor: str
    changes: tuple[Change, ...]
    is_creation: bool = False
    former_owner_id: int | None = None

    def only(self, *fields: str) -> "AuditEvent":
        return replace(self, changes=tuple(change for change in self.changes if change.field in fields))

    def get_change(self, field: str) -> Change | None:
        return next((change for change in self.changes if change.field == field), None)


def for_asset(asset: Asset, *, user: User) -> list[AuditEvent]:
    """The latest events of an asset, newest first, as far as this person may know them.

    Only the owner at the time sees what was changed while the asset was private.
    """
    rows = page_queries.audit_log(asset, limit=MAX_LOG_ENTRIES)
    return list(_hide_private(user, asset, _merge_runs(rows, SHOWN_OF_ASSETS)))


def for_person(person: User) -> list[AuditEvent]:
    """The latest events of an account, newest first."""
    latest = log.entries_of_person(person).order_by("-timestamp", "-pk").values_list(*_COLUMNS)[:MAX_LOG_ENTRIES]
    return _merge_runs([LogRow(*row) for row in latest], SHOWN_OF_ACCOUNTS)


def get_changes(recorded: dict[str, Any] | None) -> list[Change]:
    """The `changes` of a log entry."""
    return [Change(name, *_parse_change(value)) for name, value in (recorded or {}).items()]


def get_actor_name(log_entry: LogEntry) -> str:
    """A username, or the name of a command or task; empty if unknown."""
    return _get_name(log_entry.actor and log_entry.actor.get_username(), log_entry.additional_data)


def _get_name(username: str | None, additional_data: dict[str, str] | None) -> str:
    return username or (additional_data or {}).get("by", "")


def is_readable(log_entry: LogEntry) -> bool:
    """Whether a log entry of another library can be shown here."""
    try:
        pairs = [_parse_change(value) for value in (log_entry.changes or {}).values()]
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    texts = [text for pair in pairs for text in pair]
    data = log_entry.additional_data or {}
    return (
        all(isinstance(text, str) for text in texts) and isinstance(data, dict) and isinstance(data.get("by", ""), str)
    )


def _merge_runs(rows: Iterable[LogRow], shown: Sequence[str]) -> list[AuditEvent]:
    runs = itertools.groupby(rows, key=lambda row: row.cid or row.pk)
    return [_merge(list(run), shown) for _, run in runs]


def _merge(run: list[LogRow], shown: Sequence[str]) -> AuditEvent:
    """Rows of one request, newest first, as one event."""
    actor = _get_name(run[0].username, run[0].additional_data)
    if any(row.action == LogEntry.Action.CREATE for row in run):
        return AuditEvent(run[-1].timestamp, actor, (), is_creation=True)
    merged: dict[str, Change] = {}
    for row in reversed(run):
        for change in get_changes(row.changes):
            merged[change.field] = _merge_change(merged.get(change.field), change)
    changes = tuple(merged[name] for name in shown if name in merged)
    return AuditEvent(run[0].timestamp, actor, changes, former_owner_id=_get_former_owner_id(run))


def _get_former_owner_id(run: list[LogRow]) -> int | None:
    handovers = [row for row in run if "owner" in (row.changes or {})]
    return owners.get_former_owner_id(handovers[-1].additional_data) if handovers else None


def _merge_change(earlier: Change | None, later: Change) -> Change:
    if earlier is None:
        return later
    if later.field in LABEL_FIELDS:
        return Change(later.field, _join(earlier.before, later.before), _join(earlier.after, later.after))
    return Change(later.field, earlier.before, later.after)


def _join(*names: str) -> str:
    return ", ".join(filter(None, names))


def _parse_change(value: Any) -> tuple[str, str]:
    """The log has a pair, or the names added to or removed from a many-to-many field."""
    if isinstance(value, dict):
        names = ", ".join(value["objects"])
        return ("", names) if value["operation"] == "add" else (names, "")
    before, after = value
    return before, after


def _hide_private(user: User, asset: Asset, events: Iterable[AuditEvent]) -> Iterator[AuditEvent]:
    """Walk back in time, following whose the asset was and whether it was private.

    By account: a username may have belonged to somebody else then.
    """
    owner_id: int | None = asset.owner_id
    is_private = asset.visibility == Visibility.PRIVATE
    for event in events:
        visibility, ownership = event.get_change("visibility"), event.get_change("owner")
        if owner_id == user.pk or event.is_creation:
            yield event
        elif visibility or ownership:
            # It was private before or after, and the other changes may be from then.
            yield event.only("visibility", "owner", "trashed_at")
        elif not is_private:
            yield event
        is_private = visibility.before == Visibility.PRIVATE if visibility else is_private
        owner_id = event.former_owner_id if ownership else owner_id
