"""What a value in an archive may be: no more than the forms, and the code that writes rows here, let pass.

All functions raise ValueError or ValidationError.
"""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import timezone

from assets.audit.log import LogEntry
from assets.models import (
    Asset,
    Collection,
    GenerationOutput,
    ReferenceSet,
    SavedSearch,
    SetMember,
    StoredFile,
    Tag,
    UploadRequest,
    User,
)
from assets.transfer.archive import FILE_NAME
from assets.transfer.table import AnyField, Table

# Times outside could not be shown in every time zone, and no library had any.
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
STATUSES = range(100, 600)
# Segmind's messages are cut to 300 characters, and none of our own sentences is longer than this.
MAX_REASON_LENGTH = 1000
Place = tuple[type[models.Model], str]  # a model and a column
# Text as people, or their systems, wrote it. All other short text is for programs, and printable.
WRITTEN_BY_PEOPLE: set[Place] = {
    (Asset, "title"), (Asset, "file_name"), (Tag, "name"), (Collection, "path"),
    (User, "first_name"), (User, "last_name"), (SavedSearch, "name"), (SavedSearch, "text"),
    (ReferenceSet, "title"), (ReferenceSet, "model"), (SetMember, "words"),
}  # fmt: skip
MAY_BE_EMPTY: set[Place] = {(LogEntry, "object_repr")}
_REASONS: set[Place] = {
    (StoredFile, "error"),
    (StoredFile, "preview_error"),
    (StoredFile, "warning"),
    (UploadRequest, "message"),
}
_PATTERNS: dict[Place, re.Pattern[str]] = {
    (StoredFile, "sha256"): re.compile(r"[0-9a-f]{64}"),
    (GenerationOutput, "sha256"): re.compile(r"([0-9a-f]{64})?"),
    (StoredFile, "media_type"): re.compile(r"[a-z0-9][a-z0-9.+_-]*/[a-z0-9][a-z0-9.+_-]*"),
    (StoredFile, "original"): re.compile(rf"({FILE_NAME.pattern})?"),
    (StoredFile, "preview"): re.compile(rf"({FILE_NAME.pattern})?"),
    (StoredFile, "placeholder"): re.compile(r"[A-Za-z0-9+/]*={0,2}"),
    (Asset, "file_name"): re.compile(r"[^/]+"),
    (UploadRequest, "key_fingerprint"): re.compile(r"[0-9a-f]{1,12}"),
    (LogEntry, "object_pk"): re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
_MINIMUM: dict[Place, int] = {
    (StoredFile, "size"): 1,
    (StoredFile, "width"): 1,
    (StoredFile, "height"): 1,
    (StoredFile, "duration"): 0,
}
# What every database can keep; SQLite would keep more.
_RANGES = BaseDatabaseOperations.integer_field_ranges
_NAMES: dict[Place, Callable[[str], None]] = {
    (Tag, "name"): Tag.validate_name,
    (Collection, "path"): Collection.validate_name,
}


def require_type(field: AnyField, value: object) -> None:
    """The type that this field has in JSON; `to_python()` would convert others."""
    if isinstance(field, models.JSONField):
        return
    is_right = isinstance(value, str)
    if isinstance(field, models.BooleanField):
        is_right = isinstance(value, bool)
    elif isinstance(field, models.IntegerField | models.FloatField):
        numbers = int if isinstance(field, models.IntegerField) else int | float
        is_right = isinstance(value, numbers) and not isinstance(value, bool)
    if not is_right:
        raise ValueError("not a value of this type")


def validate(table: Table, column: str, value: object) -> None:
    field, place = table.field(column), (table.model, column)
    if value == "" and not field.blank and place not in MAY_BE_EMPTY:
        raise ValueError("empty")
    if field.choices and value not in ("", *dict(field.flatchoices)):
        raise ValueError("not one of the choices")
    if isinstance(value, str):
        _validate_text(place, field, value)
    elif isinstance(field, models.JSONField):
        _validate_json(value)
    elif isinstance(value, datetime):
        _validate_time(value)
    elif isinstance(value, date) and not EARLIEST.date() <= value <= LATEST.date():
        raise ValueError("not a day that any library had")
    elif isinstance(value, int | float):
        _validate_number(place, field, value)
    if value not in field.empty_values:
        field.run_validators(value)


def _validate_text(place: Place, field: AnyField, text: str) -> None:
    text.encode()  # UnicodeEncodeError is a ValueError
    limit = MAX_REASON_LENGTH if place in _REASONS else field.max_length or math.inf
    if "\0" in text or len(text) > limit:
        raise ValueError("not a text of this column")
    if isinstance(field, models.CharField) and place not in WRITTEN_BY_PEOPLE and not text.isprintable():
        raise ValueError("not on one line")
    if (pattern := _PATTERNS.get(place)) and not pattern.fullmatch(text):
        raise ValueError("not in the form of this column")
    if validate_name := _NAMES.get(place):
        validate_name(text)


def _validate_json(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("not a text")


def _validate_time(moment: datetime) -> None:
    if timezone.is_naive(moment) or not EARLIEST <= moment <= LATEST:
        raise ValueError("not a time with a zone")


def _validate_number(place: Place, field: AnyField, number: float) -> None:
    _, most = _RANGES.get(field.get_internal_type(), (0, math.inf))
    if not math.isfinite(number) or not _MINIMUM.get(place, 0) <= number <= most:
        raise ValueError("not a number of this column")
    if place == (UploadRequest, "status") and number not in STATUSES:
        raise ValueError("not a status")
