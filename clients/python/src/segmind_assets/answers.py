"""What the library answers, typed. Fields that a newer library adds are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

Json = Mapping[str, Any]
Answer = TypeVar("Answer")


def parse(kind: type[Answer], facts: Json) -> Answer:
    names = {each.name for each in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    return kind(**{name: value for name, value in facts.items() if name in names})


@dataclass(frozen=True)
class Asset:
    """`url` is None until the file is stored at Segmind. Times are in ISO 8601, `size` in bytes."""

    id: str
    title: str
    file_name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    state: str
    url: str | None
    owner: str
    visibility: str
    version: str
    page: str
    created_at: str
    description: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    link_status: str = "unchecked"
    url_has_email: bool = False
    error: str | None = None
    warning: dict[str, str] | None = None
    tags: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    preview: str | None = None
    trashed_at: str | None = None
    source_url: str | None = None


@dataclass(frozen=True)
class Collection:
    """`path` names it from the top: `Trips/2024`. `asset_count` ends at 10,001."""

    id: str
    path: str
    name: str
    description: str
    visibility: str
    asset_count: int
    page: str


@dataclass(frozen=True)
class Tag:
    id: str
    name: str
    asset_count: int
    page: str


@dataclass(frozen=True)
class Me:
    username: str
    role: str
    scopes: list[str]
    expires_at: str


@dataclass(frozen=True)
class Status:
    """The queue to Segmind. `paused` says why nothing is sent now, `done_at` is an estimate."""

    queued: int
    sending: int
    failed: int
    requests_in_window: int
    requests_per_window: int
    next_request_at: str | None = None
    paused: dict[str, str] | None = None
    done_at: str | None = None


@dataclass(frozen=True)
class Event:
    """`kind` `renamed` has `q`, a search for the assets, in the place of `asset_id`."""

    id: str
    at: str
    kind: str
    asset_id: str | None = None
    q: str | None = None


@dataclass(frozen=True)
class BulkResult:
    """How many assets are changed, need no change, and may not be changed by the owner of the token.

    `undo` is for `Library.undo()`. Before an `edit`, `examples` are the first assets with their new texts, and
    `left_out` says why others would stay as they are.
    """

    action: str
    changed: int
    unchanged: int
    not_allowed: int
    confirmed: bool
    message: str | None = None
    undo: str | None = None
    examples: list[dict[str, str]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class ReadyRequest:
    """A request to a model: its body, and the code that sends it, by format. `blanks` are the fields to fill in."""

    model: str
    version: str
    body: dict[str, Any]
    blanks: list[str]
    remarks: list[str]
    url_has_email: bool
    texts: dict[str, str]


@dataclass(frozen=True)
class ReferenceSet:
    """Assets that go together into a request. `model` is its name in addresses."""

    id: str
    title: str
    note: str
    model: str | None
    visibility: str
    owner: str
    version: int
    updated_at: str
    page: str


@dataclass(frozen=True)
class SetRequest:
    """A set as the body of a request, the text that numbers its assets in a prompt, and curl."""

    model: str
    body: dict[str, Any]
    blanks: list[str]
    prompt: str
    curl: str


@dataclass(frozen=True)
class UndoStep:
    """A change that can be undone until `expires_at`; `summary` says what it was."""

    id: str
    summary: str
    made_at: str
    expires_at: str


@dataclass(frozen=True)
class Undone:
    """How many assets are as they were, were changed again since, and may no longer be changed by you."""

    restored: int
    changed_since: int
    not_allowed: int
    message: str
