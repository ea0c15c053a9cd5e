"""Who the token is, and how the queue is doing."""

from typing import Literal

from django.utils import timezone
from ninja import Router, Schema

from assets import permissions
from assets.accounts.tokens import effective_scopes
from assets.api.auth import ADMIN, ANY, READ, ApiRequest
from assets.api.schemas import Moment
from assets.delivery.status import end_pause, get_status

router = Router(tags=["Account and queue"])


class Me(Schema):
    """`scopes` are what the token may do now: never more than the role allows."""

    username: str
    role: Literal["viewer", "member", "manager", "administrator"]
    scopes: list[Literal["read", "upload", "write", "admin"]]
    expires_at: Moment


class Pause(Schema):
    reason: str


class Status(Schema):
    """`paused` says why nothing is sent now; `done_at` is an estimate."""

    queued: int
    sending: int
    failed: int
    requests_in_window: int
    requests_per_window: int
    next_request_at: Moment | None
    paused: Pause | None
    done_at: Moment | None


@router.get("/me", response=Me, auth=ANY, summary="Who this token belongs to")
def get_me(request: ApiRequest) -> dict[str, object]:
    return {
        "username": request.user.get_username(),
        "role": permissions.get_role(request.user),
        "scopes": effective_scopes(request.token),
        "expires_at": request.token.expires_at.isoformat(),
    }


@router.get("/status", response=Status, auth=READ, summary="The queue to Segmind")
def get_queue_status(request: ApiRequest) -> dict[str, object]:
    return get_status(timezone.now()).as_json()


@router.post("/status/try-now", response=Status, auth=ADMIN, summary="End a pause of the queue")
def try_now(request: ApiRequest) -> dict[str, object]:
    """Sends the next request at once: somebody says that the problem is solved. For managers."""
    permissions.require_manager(request.user)
    end_pause(timezone.now())
    return get_status(timezone.now()).as_json()
