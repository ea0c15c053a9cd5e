"""The story of an entry, as its page tells it: uploaded, sent, stored, verified, and every change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from assets.audit import log
from assets.audit.log import Act
from assets.models import Asset, LinkStatus, Outcome, State, UploadRequest, Visibility
from assets.models.assets import User

MOST_REQUESTS = 20
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
    events = [*changes, *_checked(asset), *_replaced(asset), *_stored(asset), *_sent(asset), uploaded]
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


def _sent(asset: Asset) -> Iterator[Event]:
    """The requests that carried the file since this entry is there; those before it were for somebody else's."""
    since = Q(finished_at=None) | Q(finished_at__gte=asset.created_at)
    requests = UploadRequest.objects.filter(since, files=asset.stored_file_id).latest_first()
    for request in requests[:MOST_REQUESTS]:
        yield Event(request.started_at, "send", _SENT[request.outcome])


def _replaced(asset: Asset) -> Iterator[Event]:
    """The URLs that the file had before, since this entry is there."""
    for past in asset.stored_file.past_urls.filter(replaced_at__gte=asset.created_at)[:MOST_REQUESTS]:
        old = Difference("URL", past.url, "")
        yield Event(past.replaced_at, "link", f"Has a new URL: the old one was found {past.why}", differences=(old,))


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
