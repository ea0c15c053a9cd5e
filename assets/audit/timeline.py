"""The history of an asset as its page shows it: uploaded, sent, stored, checked, and every change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assets.audit import log
from assets.audit.log import Act
from assets.models import Asset, LinkStatus, Outcome, State, Visibility, page_queries
from assets.models.page_queries import FileEvent
from assets.models.users import User

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
    by: str = ""
    differences: tuple[Difference, ...] = ()


def for_asset(asset: Asset, *, user: User) -> list[Event]:
    """The latest events, newest first, as far as the person may know of them."""
    acts = log.of(asset, user=user)
    changes = [_change_event(act) for act in acts if not act.is_upload]
    uploader = next((act.by for act in acts if act.is_upload and act.by), asset.owner.get_username())
    upload = Event(asset.created_at, "upload", "Uploaded", uploader)
    # What happened to the file before this asset was added concerned somebody else's asset.
    file_events = page_queries.file_events(asset.stored_file_id, since=asset.created_at, limit=MAX_FILE_EVENTS)
    file_history = [*_link_check(asset), *_replacements(file_events), *_storage(asset), *_requests(file_events)]
    # The sort is stable: events of the same moment stay in this order.
    return sorted([*changes, *file_history, upload], key=lambda event: event.at, reverse=True)


def _change_event(act: Act) -> Event:
    differences = tuple(
        Difference(NAMES[change.field], _label(change.field, change.before), _label(change.field, change.after))
        for change in act.changes
        if change.field in NAMES
    )
    trashed = act.change_of("trashed_at")
    if trashed and trashed.after == "None":
        return Event(act.at, "retry", "Restored from trash", act.by, differences)
    if trashed:
        return Event(act.at, "trash", "Moved to trash", act.by, differences)
    return Event(act.at, "pencil", "Edited", act.by, differences)


def _label(field: str, value: str) -> str:
    return Visibility(value).label if field == "visibility" and value in Visibility.values else value


def _requests(file_events: Iterable[FileEvent]) -> Iterator[Event]:
    for event in file_events:
        if event.kind == "sent":
            yield Event(event.at, "send", _REQUEST_TEXTS[event.outcome])


def _replacements(file_events: Iterable[FileEvent]) -> Iterator[Event]:
    for event in file_events:
        if event.kind == "replaced":
            text = f"New Segmind URL: the previous one was {event.outcome}"
            yield Event(event.at, "link", text, differences=(Difference("URL", event.url, ""),))


def _storage(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.state != State.STORED or file.stored_at is None:
        return
    if file.stored_at < asset.created_at:
        yield Event(asset.created_at, "check", "Already stored at Segmind, not sent again")
    else:
        yield Event(file.stored_at, "check", "Stored at Segmind")


def _link_check(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.link_checked_at and file.link_checked_at >= asset.created_at and file.link_status in _LINK_TEXTS:
        yield Event(file.link_checked_at, "link", _LINK_TEXTS[LinkStatus(file.link_status)])
