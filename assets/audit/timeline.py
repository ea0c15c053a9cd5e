"""The story of an entry, as its page tells it: uploaded, sent, stored, verified, and every change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assets.audit import log
from assets.audit.log import Act
from assets.models import Asset, LinkStatus, Outcome, State, Visibility, page_queries
from assets.models.assets import User
from assets.models.page_queries import FileEvent

MAX_FILE_EVENTS = 40
NAMES = {
    "title": "Title",
    "description": "Description",
    "visibility": "Seen by",
    "owner": "Owner",
    "tags": "Tags",
    "collections": "Collections",
}
_SENT = {
    "": "Being sent to Segmind",
    Outcome.STORED: "Sent to Segmind",
    Outcome.PARTLY_STORED: "Sent to Segmind, which stored some of the files",
    Outcome.REJECTED: "Sent to Segmind, which refused the request",
    Outcome.TOO_LARGE: "Sent to Segmind, for which the request was too large",
    Outcome.ACCOUNT_REFUSED: "Sent to Segmind, which refused the account",
    Outcome.RATE_LIMITED: "Sent to Segmind, which asked to wait",
    Outcome.UNAVAILABLE: "Sent to Segmind, which was not available",
    Outcome.UNKNOWN: "Sent to Segmind, whose answer was lost",
}
_CHECKED = {
    LinkStatus.VERIFIED: "Verified: the URL leads to this file",
    LinkStatus.CHANGED: "Checked: the URL leads to another file",
    LinkStatus.BROKEN: "Checked: the URL leads nowhere",
    LinkStatus.UNREACHABLE: "Checked: the URL could not be reached",
}


@dataclass(frozen=True)
class Difference:
    """One field in words; of tags and collections, those taken off and those put on."""

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


def of(asset: Asset, *, user: User) -> list[Event]:
    """What happened to an entry, newest first, as far as the person may know it; the latest of it, where it is long."""
    acts = log.of(asset, user=user)
    # The sort keeps the order of what happened in the same moment.
    changes = [_event(act) for act in acts if not act.is_upload]
    uploader = next((act.by for act in acts if act.is_upload and act.by), asset.owner.get_username())
    uploaded = Event(asset.created_at, "upload", "Uploaded", uploader)
    # What was before this asset happened to somebody else's.
    happened = page_queries.file_events(asset.stored_file_id, since=asset.created_at, limit=MAX_FILE_EVENTS)
    events = [*changes, *_checked(asset), *_replaced(happened), *_stored(asset), *_sent(happened), uploaded]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _event(act: Act) -> Event:
    differences = tuple(
        Difference(NAMES[change.field], _shown(change.field, change.before), _shown(change.field, change.after))
        for change in act.changes
        if change.field in NAMES
    )
    trashed = act.change_of("trashed_at")
    if trashed and trashed.after == "None":
        return Event(act.at, "retry", "Restored from the trash", act.by, differences)
    if trashed:
        return Event(act.at, "trash", "Moved to the trash", act.by, differences)
    return Event(act.at, "pencil", "Changed", act.by, differences)


def _shown(field: str, value: str) -> str:
    return Visibility(value).label if field == "visibility" and value in Visibility.values else value


def _sent(happened: Iterable[FileEvent]) -> Iterator[Event]:
    for event in happened:
        if event.kind == "sent":
            yield Event(event.at, "send", _SENT[event.outcome])


def _replaced(happened: Iterable[FileEvent]) -> Iterator[Event]:
    for event in happened:
        if event.kind == "replaced":
            text = f"Has a new URL: the old one was found {event.outcome}"
            yield Event(event.at, "link", text, differences=(Difference("URL", event.url, ""),))


def _stored(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.state != State.STORED or file.stored_at is None:
        return
    if file.stored_at < asset.created_at:
        yield Event(asset.created_at, "check", "Segmind had this content already: nothing was sent")
    else:
        yield Event(file.stored_at, "check", "Stored at Segmind")


def _checked(asset: Asset) -> Iterator[Event]:
    file = asset.stored_file
    if file.link_checked_at and file.link_checked_at >= asset.created_at and file.link_status in _CHECKED:
        yield Event(file.link_checked_at, "link", _CHECKED[LinkStatus(file.link_status)])
