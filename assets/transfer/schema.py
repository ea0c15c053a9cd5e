"""What of a library is carried away: every table, every column, and why the others are not.

A row refers to another one by that one's key (a person by user name, a content by SHA-256, an entry by both), never by
a number that means something in one database only. So an archive fits any installation, on either database engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from assets.audit.log import LogEntry
from assets.models import (
    Asset,
    Collection,
    DeliveryRun,
    Favourite,
    LinkHost,
    PasswordLink,
    PastUrl,
    SignInAttempts,
    StoredFile,
    Tag,
    UploadRequest,
    Use,
    User,
    WorkerHeartbeat,
)

SERIAL = "a number that counts rows of one database"
DERIVED = "follows from what is carried"
# What was done to people stays where it was done.
WITH_HISTORY = ("asset", "collection", "storedfile", "tag")


@dataclass(frozen=True)
class Table:
    """A model in the archive.

    `key`: the columns by which a row is known, wherever it comes from; where all but the last are empty, the last will
    do. `columns`: what is carried, many-to-many fields included. `left_out`: the model's other columns, and why.
    `folded`: where the database knows a key by another column that is made of it, that column and what makes it.
    `order`: of the rows, where it is not that of the key. `only`: which of them, where it is not all.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    folded: tuple[str, Callable[..., str]] | None = None
    order: tuple[str, ...] = ()
    only: Mapping[str, Any] = field(default_factory=dict)

    def field(self, column: str) -> Any:
        return self.model._meta.get_field(column)

    def is_link(self, column: str) -> bool:
        """Whether it is a reference to one row of another table."""
        return isinstance(self.field(column), models.ForeignKey)

    def is_list(self, column: str) -> bool:
        """Whether it is a many-to-many field."""
        return isinstance(self.field(column), models.ManyToManyField)

    def target(self, column: str) -> "Table":
        """The table that a reference, or a list of them, leads to."""
        return table_of(self.field(column).related_model)

    @property
    def has_own_ids(self) -> bool:
        return isinstance(self.model._meta.pk, models.UUIDField)

    def read(self, column: str, value: Any) -> Any:
        """A value of an archive as Python has it. Raises ValidationError where it is none."""
        return self.field(column).to_python(value)


# In the order in which they are brought in: what a row refers to is there before it.
TABLES = (
    Table(
        "people",
        User,
        key=("username",),
        columns=(
            "username", "first_name", "last_name", "email", "role", "is_active", "date_joined", "last_login", "layout",
            "has_seen_email_notice",
        ),
        left_out={"id": SERIAL, "password": "no password leaves an installation, not even as a hash"},
    ),
    Table(
        "tags",
        Tag,
        key=("name",),
        columns=("id", "name"),
        left_out={"key": DERIVED},
        folded=("key", Tag.make_key),
        order=("key",),
    ),
    Table(
        "collections",
        Collection,
        key=("private_to", "path"),
        columns=("id", "path", "private_to", "made_by"),
        left_out={"key": DERIVED, "name": "the last part of the path", "parent": "the other parts of the path"},
        folded=("key", lambda owner, path: Collection.tree_key(owner, Collection.make_key(path))),
        order=("private_to__username", "path"),
    ),
    Table(
        "stored_files",
        StoredFile,
        key=("sha256",),
        columns=(
            "id", "sha256", "media_type", "size", "width", "height", "duration", "original", "preview",
            "preview_error", "placeholder", "is_animated", "state", "attempts", "queued_at", "next_attempt_at", "error",
            "url", "stored_at", "link_status", "link_checked_at", "link_check_at", "link_finding", "link_looks",
            "created_at",
        ),
        left_out={
            "request": "the exchange that holds it: none of another installation does",
            "url_host": DERIVED,
            "url_has_address": DERIVED,
        },
    ),
    Table(
        "past_urls",
        PastUrl,
        key=("stored_file", "url", "replaced_at"),
        columns=("stored_file", "url", "stored_at", "replaced_at", "why"),
        left_out={"id": SERIAL},
        order=("stored_file__sha256", "replaced_at", "url"),
    ),
    Table(
        "requests",
        UploadRequest,
        key=("id",),
        columns=(
            "id", "started_at", "lease_expires_at", "finished_at", "worker", "files", "file_count", "body_bytes",
            "status", "outcome", "message", "retry_at", "key_fingerprint",
        ),
    ),
    # Before the entries: it comes only with such as are not here yet.
    Table(
        "history",
        LogEntry,
        key=("content_type", "object_pk", "timestamp", "action"),
        columns=(
            "content_type", "object_pk", "object_repr", "action", "changes", "changes_text", "serialized_data", "actor",
            "actor_email", "cid", "remote_addr", "remote_port", "timestamp", "additional_data",
        ),
        left_out={"id": SERIAL, "object_id": "the number of an object that has one: none of ours"},
        order=("timestamp", "object_pk", "action", "pk"),
        only={"content_type__app_label": "assets", "content_type__model__in": WITH_HISTORY},
    ),
    Table(
        "assets",
        Asset,
        key=("owner", "stored_file"),
        columns=(
            "id", "owner", "stored_file", "title", "file_name", "description", "tags", "collections", "visibility",
            "created_at", "updated_at", "trashed_at", "kind", "size",
        ),
        left_out={"search_text": DERIVED, "title_key": DERIVED},
        order=("id",),
    ),
    Table(
        "favourites",
        Favourite,
        key=("user", "asset"),
        columns=("user", "asset", "created_at"),
        left_out={"id": SERIAL},
        order=("user__username", "asset"),
    ),
    Table(
        "uses",
        Use,
        key=("user", "asset"),
        columns=("user", "asset", "used_at"),
        left_out={"id": SERIAL},
        order=("user__username", "asset"),
    ),
)  # fmt: skip

# What rows refer to, and every installation has of its own.
REFERRED = (Table("", ContentType, key=("app_label", "model")),)

# Models of this application that are not carried, and why.
LEFT_OUT = {
    DeliveryRun: "planned work of this installation's worker",
    LinkHost: "who of this installation's workers asks a host now, and when the next one may",
    PasswordLink: "opens nothing in another installation, where people get links of their own",
    SignInAttempts: "who has to wait at this installation's door",
    WorkerHeartbeat: "signs of life of this installation's workers",
}

_BY_MODEL = {table.model: table for table in (*TABLES, *REFERRED)}


def table_of(model: type[models.Model]) -> Table:
    return _BY_MODEL[model]
