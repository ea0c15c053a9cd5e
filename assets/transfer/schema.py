"""What an archive contains: every table and column, and the reason for each that is left out.

A row refers to another by its key (a person by username, a file by SHA-256, an asset by both), never by a number of one
database. So an archive fits any installation, on either database engine.
"""

from django.contrib.contenttypes.models import ContentType

from assets.audit.log import LogEntry
from assets.models import (
    Asset,
    Collection,
    Cover,
    DeliveryRun,
    Device,
    Favourite,
    GenerationHistory,
    KeptAnswer,
    LinkHost,
    ModelSync,
    PasswordLink,
    PastPath,
    PastUrl,
    PersonalToken,
    ResumableUpload,
    SavedSearch,
    SetRevision,
    Share,
    ShareItem,
    SignInAttempts,
    StoredFile,
    Tag,
    UndoBatch,
    UndoStep,
    UploadRequest,
    Use,
    User,
    Webhook,
    WebhookDelivery,
    WorkerHeartbeat,
)
from assets.transfer.model_tables import MODEL_TABLES
from assets.transfer.table import DERIVED, MAILED, PLANS, SERIAL, Table

# The history of accounts stays where it was made.
MODELS_WITH_HISTORY = ("asset", "collection", "referenceset", "savedsearch", "storedfile", "tag")


# In the order of the import: what a row refers to comes before it.
TABLES = (
    Table(
        "people",
        User,
        key=("username",),
        columns=(
            "username", "first_name", "last_name", "email", "role", "is_active", "date_joined", "last_login", "layout",
            "list_columns", "has_seen_email_notice", "theme", "density", "colour", "time_zone", "default_visibility",
            "gets_failure_mails", "gets_digest_mails",
        ),
        left_out={
            "id": SERIAL,
            "failures_mailed_at": MAILED,
            "digest_mailed_at": MAILED,
            "password": "passwords are not exported, not even as hashes",
            "session_nonce": "nor are sessions",
        },
        restricting=("role", "is_active"),
    ),
    Table(
        "tags",
        Tag,
        key=("name",),
        columns=("id", "name"),
        left_out={"key": DERIVED, "use_count": DERIVED},
        derived_key=("key", Tag.make_key),
        order=("key",),
    ),
    Table(
        "collections",
        Collection,
        key=("private_to", "path"),
        columns=("id", "path", "private_to", "made_by", "description"),
        left_out={"key": DERIVED, "name": "the last part of the path", "parent": "the other parts of the path"},
        derived_key=("key", lambda owner, path: Collection.tree_key(owner, Collection.make_key(path))),
        order=("private_to__username", "path"),
    ),
    Table(
        "stored_files",
        StoredFile,
        key=("sha256",),
        columns=(
            "id", "sha256", "media_type", "size", "width", "height", "duration", "original", "preview",
            "preview_error", "warning", "placeholder", "is_animated", "state", "attempts", "queued_at",
            "next_attempt_at", "error", "url", "stored_at", "link_status", "link_checked_at", "link_check_at",
            "link_finding", "link_looks", "created_at",
        ),
        left_out={
            "run_count": DERIVED,
            "is_output": DERIVED,
            "request": "the open request that is sending it",
            "preview_at": PLANS,
            "failed_at": "for mails of this installation",
            "link_changed_at": "for programs that follow this installation",
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
            "status", "outcome", "message", "retry_at", "key_fingerprint", "verify_at",
        ),
    ),
    # Before the assets: only the history of assets that are new here is imported.
    Table(
        "history",
        LogEntry,
        key=("content_type", "object_pk", "timestamp", "action"),
        columns=(
            "content_type", "object_pk", "object_repr", "action", "changes", "changes_text", "serialized_data", "actor",
            "actor_email", "cid", "remote_addr", "remote_port", "timestamp", "additional_data",
        ),
        left_out={"id": SERIAL, "object_id": "for models with numeric ids; these have UUIDs"},
        order=("timestamp", "object_pk", "action", "pk"),
        filters={"content_type__app_label": "assets", "content_type__model__in": MODELS_WITH_HISTORY},
    ),
    Table(
        "assets",
        Asset,
        key=("owner", "stored_file"),
        columns=(
            "id", "owner", "stored_file", "title", "file_name", "description", "tags", "collections", "visibility",
            "created_at", "updated_at", "trashed_at", "kind", "size", "source_url",
        ),
        left_out={"search_text": DERIVED, "title_key": DERIVED},
        order=("id",),
        restricting=("visibility",),
    ),
    Table(
        "covers",
        Cover,
        key=("collection",),
        columns=("collection", "asset"),
        order=("collection__private_to__username", "collection__path"),
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
    Table(
        "saved_searches",
        SavedSearch,
        key=("owner", "name"),
        columns=("id", "owner", "name", "text", "sort", "is_pinned", "position", "created_at"),
        left_out={"key": DERIVED},
        derived_key=("key", SavedSearch.make_key),
        order=("owner__username", "name"),
    ),
    *MODEL_TABLES,
)  # fmt: skip

# Referred to by rows, but created by every installation itself.
REFERENCED = (Table("", ContentType, key=("app_label", "model")),)

# Models of this application that are not exported, and why.
LEFT_OUT = {
    DeliveryRun: "planned work of this installation's worker",
    Share: "a link to this installation, which its secret key signs",
    ShareItem: "what such a link shows",
    Device: "sessions of this installation",
    GenerationHistory: "what administrators chose here, and how far the history of this installation's key is read",
    KeptAnswer: "answers to programs of this installation, kept for a day",
    LinkHost: "the pace of this installation's link checks",
    ModelSync: "when this installation reads Segmind's lists",
    PasswordLink: "valid in one installation only",
    PastPath: "where collections of this installation were, for links to it",
    PersonalToken: "as good as a password, and not exported either",
    ResumableUpload: "an upload that has not ended, with its bytes in this installation",
    SetRevision: "what edits that are under way began from, and what undoes them",
    SignInAttempts: "sign-ins throttled by this installation",
    UndoBatch: "valid for an hour",
    UndoStep: "valid for an hour",
    Webhook: "a secret shared by this installation and another program",
    WebhookDelivery: "what this installation has told, or is about to tell, other programs",
    WorkerHeartbeat: "heartbeats of this installation's workers",
}

_BY_MODEL: dict[object, Table] = {table.model: table for table in (*TABLES, *REFERENCED)}


def get_table(model: object) -> Table:
    return _BY_MODEL[model]


def related_table(table: Table, column: str) -> Table:
    return get_table(table.field(column).related_model)
