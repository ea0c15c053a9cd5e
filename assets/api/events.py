"""What changed, for programs that keep a copy of the library."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema

from assets.api.auth import READ, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Moment
from assets.audit import changes
from assets.audit.changes import AssetChange, Kind

router = Router(tags=["Events"])
MAX_ID = 2**63 - 1
NOW = "now"


class EventOut(Schema):
    """`hidden` and `shown`: made private by somebody, or visible to the team."""

    id: str
    at: Moment
    kind: Kind
    asset_id: UUID


class EventList(Schema):
    """`next` is the `after` to go on with, now or later."""

    items: list[EventOut]
    next: str


@router.get("/events", response=EventList, auth=READ, summary="What changed")
def list_events(
    request: ApiRequest,
    after: Annotated[
        str, Query("0", pattern=r"^(now|\d{1,19})$", description="`next` of the call before, `0` or `now`.")
    ],
    limit: Annotated[int, Query(100, ge=1, le=500)],
) -> dict[str, object]:
    """To keep a copy: ask for `after=now`, read all assets, then ask again and again with `next`.

    Each asset in it has to be read again, or is gone: `deleted`, `trashed` and `hidden`. An empty page with another
    `next` than its `after` is not the last one.
    """
    if after == NOW:
        return {"items": [], "next": str(changes.get_last_id())}
    if int(after) > MAX_ID:
        raise ProblemError(422, "This cursor is not one of this list. Use `next` as the page before gave it.")
    found, last = changes.read(request.user, after=int(after), limit=limit)
    return {"items": [_event_out(change) for change in found], "next": str(last)}


def _event_out(change: AssetChange) -> dict[str, object]:
    return {"id": str(change.id), "at": change.at.isoformat(), "kind": change.kind, "asset_id": change.asset_id}
