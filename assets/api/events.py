"""What changed, for programs that keep a copy of the library."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple, Self
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Schema

from assets.api.auth import READ, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Moment
from assets.audit import changes
from assets.audit.changes import AssetChange
from assets.delivery import outcomes
from assets.delivery.outcomes import NEVER, Outcome
from assets.labels.renamings import Renamed, select_visible
from assets.models.settled import settled_until

router = Router(tags=["Events"])
MAX_ID = 2**63 - 1
NOW = "now"
MICROSECOND = timedelta(microseconds=1)
WRONG_CURSOR = "This cursor is not one of this list. Use `next` as the call before gave it."


class EventOut(Schema):
    """`hidden` and `shown`: made private by somebody, or visible to the team. `verified`, `broken` and `unreachable`:
    what the Segmind URL is now. `renamed`: a tag or collection; `q` finds its assets, and `asset_id` is null.
    """

    id: str
    at: Moment
    kind: Literal[
        "created", "updated", "stored", "failed", "trashed", "restored", "deleted", "hidden", "shown",
        "verified", "broken", "unreachable", "renamed",
    ]  # fmt: skip
    asset_id: UUID | None
    q: str | None = None


class EventList(Schema):
    """`next` is the `after` to go on with, now or later."""

    items: list[EventOut]
    next: str


class Place(NamedTuple):
    """Where a program is: the last entry of the audit log, and the moment of the last outcome, that it knows."""

    entry: int
    moment: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        entry, _, micros = text.partition(".")
        try:
            return cls(min(int(entry), MAX_ID), NEVER + int(micros or 0) * MICROSECOND)
        except OverflowError:
            raise ProblemError(422, WRONG_CURSOR) from None

    def __str__(self) -> str:
        return f"{self.entry}.{(self.moment - NEVER) // MICROSECOND}"


@router.get("/events", response=EventList, auth=READ, summary="What changed")
def list_events(
    request: ApiRequest,
    after: Annotated[
        str, Query("0", pattern=r"^(now|[0-9]{1,19}([.][0-9]{1,19})?)$", description="`next` of before, `0` or `now`.")
    ],
    limit: Annotated[int, Query(100, ge=1, le=500)],
) -> dict[str, object]:
    """To keep a copy: ask for `after=now`, read all assets, then ask again and again with `next`.

    Each asset in it has to be read again, or is gone: `deleted`, `trashed` and `hidden`. There is more until `next` is
    the `after` that was sent. `limit` is for each of two kinds: what people did, and what became of uploads and URLs.
    """
    now = timezone.now()
    if after == NOW:
        return {"items": [], "next": str(Place(changes.get_last_id(), settled_until(now)))}
    place = Place.parse(after)
    done = changes.read(request.user, after=place.entry, limit=limit)
    renamed = select_visible(done.renamings, request.user)
    ended, moment = outcomes.read(request.user, after=place.moment, limit=limit, now=now)
    items = [*map(_change_out, done.of_assets), *map(_renamed_out, renamed), *map(_outcome_out, ended)]
    return {"items": sorted(items, key=lambda item: str(item["at"])), "next": str(Place(done.last, moment))}


def _change_out(change: AssetChange) -> dict[str, object]:
    return {"id": str(change.id), "at": change.at.isoformat(), "kind": change.kind, "asset_id": change.asset_id}


def _renamed_out(renamed: Renamed) -> dict[str, object]:
    change = renamed.renaming
    return {"id": str(change.id), "at": change.at.isoformat(), "kind": "renamed", "asset_id": None, "q": renamed.q}


def _outcome_out(outcome: Outcome) -> dict[str, object]:
    key = f"{outcome.kind}-{outcome.asset_id}-{(outcome.at - NEVER) // MICROSECOND}"
    return {"id": key, "at": outcome.at.isoformat(), "kind": outcome.kind, "asset_id": outcome.asset_id}
