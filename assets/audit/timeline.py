"""The history of an asset as its page shows it: uploaded, sent, stored, checked, and every change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assets.audit import history
from assets.audit.history import AuditEvent
from assets.models import Asset, LinkStatus, Outcome, State, User, Visibility, page_queries
from assets.models.page_queries import FileEvent

MAX_FILE_EVENTS = 40
NAMES = {
    "title": "Title",
    "description": "Description",
    "visibility": "Visibility",
    "owner": "Owner",
    "tags": "Tags",
    "collections": "Collections",
}
_REQUEST_TEXTS = {
    "": "Sending to Segmind",
    Outcome.STORED: "Sent to Segmind",
    Outcome.PARTLY_STORED: "Sent to Segmind: some files stored",
    Outcome.REJECTED: "Sent to Segmind: request rejected",
    Outcome.TOO_LARGE: "Sent to Segmind: request too large",
    Outcome.ACCOUNT_REFUSED: "Sent to Segmind: account refused",
    Outcome.RATE_LIMITED: "Sent to Segmind: rate limit reached",
    Outcome.UNAVAILABLE: "Sent to Segmind: unavailable",
    Outcome.UNKNOWN: "Sent to Segmind: no answer received",
}
_LINK_TEXTS = {
    LinkStatus.VERIFIED: "Link verified",
    LinkStatus.CHANGED: "Link checked: leads to a different file",
    LinkStatus.BROKEN: "Link checked: broken",
    LinkStatus.UNREACHABLE: "Link checked: unreachable",
}


@dataclass(frozen=True)
class Difference:
    """A changed field in words; of tags and collections, those removed and those added."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    at: datetime
    icon: str
    text: str
    actor: str = ""
    differences: tuple[Difference, ...] = ()


def for_asset(asset: Asset, *, user: User) -> list[Event]:
    """The latest events, newest first, as far as the person may know of them."""
    audit_events = history.for_asset(asset, user=user)
    changes = [_change_event(event) for event in audit_events if not event.is_creation]
    uploader = next((event.actor for event in audit_events if event.is_creation and event.actor), asset.owner_name)
    upload = Event(asset.created_at, "upload", "Uploaded", uploader)
    # Earlier events of the file belong to somebody else's asset.
    file_events = page_queries.file_events(asset.stored_file_id, since=asset.created_at, limit=MAX_FILE_EVENTS)
    file_history = [
        *_link_check_events(asset),
        *_replacement_events(file_events),
        *_storage_events(asset),
        *_request_events(file_events),
    ]
    # The sort is stable: events of the same moment stay in this order.
    return sorted([*changes, *file_history, upload], key=lambda event: event.at, reverse=True)


def _change_event(event: AuditEvent) -> Event:
    differences = tuple(
        Difference(NAMES[change.field], _describe(change.field, change.before), _describe(change.field, change.after))
        for change in event.changes
        if change.field in NAMES
    )
    trashed = event.get_change("trashed_at")
    if trashed and trashed.after == "None":
        return Event(event.at, "retry", "Restored from trash", event.actor, differences)
    if trashed:
        return Event(event.at, "trash", "Moved to trash", event.actor, differences)
    return Event(event.at, "pencil", "Edited", event.actor, differences)


def _describe(field: str, value: str) -> str:
    return Visibility(value).label if field == "visibility" and value in Visibility.values else value


def _request_events(file_events: Iterable[FileEvent]) -> Iterator[Event]:
    for event in file_events:
        if event.kind == "sent":
            yield Event(event.at, "send", _REQUEST_TEXTS[event.outcome])


def _replacement_events(file_events: Iterable[FileEvent]) -> Iterator[Event]:
    for event in file_events:
        if event.kind == "replaced":
            text = f"New Segmind URL: the previous one was {event.outcome}"
            yield Event(event.at, "link", text, differences=(Difference("URL", event.url, ""),))


def _storage_events(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.state != State.STORED or file.stored_at is None:
        return
    if file.stored_at < asset.created_at:
        yield Event(asset.created_at, "check", "Already stored at Segmind, not sent again")
    else:
        yield Event(file.stored_at, "check", "Stored at Segmind")


def _link_check_events(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.link_checked_at and file.link_checked_at >= asset.created_at and file.link_status in _LINK_TEXTS:
        yield Event(file.link_checked_at, "link", _LINK_TEXTS[LinkStatus(file.link_status)])
