"""What an administrator looks for, whoever's it is: by a URL, a hash or an id, or by words as in every search."""

import re
import uuid
from datetime import datetime

from django.db.models import Q

from assets.models import Asset, PastUrl, StoredFile
from assets.models.library import AssetQuerySet, User
from assets.models.stored_files import StoredFileQuerySet
from assets.services import search, search_index, search_query

# Shorter ones may be words; lists show so many characters.
HASH = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
HINT = (
    "A URL or its beginning, a hash or its beginning, an id; or words and conditions as in the library: "
    "by:ana type:png tag:sea after:7d is:failed"
)


def stored_files(rows: StoredFileQuerySet, text: str, *, user: User, now: datetime) -> StoredFileQuerySet:
    """Those of these files that are meant, or that have an entry that is."""
    condition = named(text)
    if condition is None:
        return rows.filter(pk__in=_found(Asset.objects.all(), text, user, now).values("stored_file"))
    return rows.filter(condition)


def entries(rows: AssetQuerySet, text: str, *, user: User, now: datetime) -> AssetQuerySet:
    """Those of these entries that are meant, or whose file is."""
    condition = named(text)
    if condition is None:
        return _found(rows, text, user, now)
    return rows.filter(stored_file__in=StoredFile.objects.filter(condition).values("pk"))


def named(text: str) -> Q | None:
    """The files that a text names by a URL, now or in the past, by a hash or by an id; None where it does not."""
    text = text.strip()
    if "://" in text:
        begins = search_index.url_begins(text)
        past = PastUrl.objects.filter(begins).values("stored_file")
        return Q(pk__in=StoredFile.objects.filter(begins).values("pk")) | Q(pk__in=past)
    if HASH.fullmatch(text):
        return Q(sha256__gte=text.lower(), sha256__lt=f"{text.lower()}g")
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    return Q(pk=pk) | Q(pk__in=Asset.objects.filter(pk=pk).values("stored_file"))


def is_name(text: str) -> bool:
    """Whether a text is a URL, a hash or an id, and not words."""
    return named(text) is not None


def _found(rows: AssetQuerySet, text: str, user: User, now: datetime) -> AssetQuerySet:
    return search.among(rows, search_query.parse(text), user=user, now=now)
