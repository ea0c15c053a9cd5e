"""What an administrator looks for, whoever's it is: by a URL, a hash or an id, or by words as in every search."""

import re
import uuid
from datetime import datetime

from django.db.models import Q

from assets.models import Asset, PastUrl, StoredFile
from assets.models.assets import AssetQuerySet, User
from assets.models.stored_files import StoredFileQuerySet
from assets.search import filters, index, query_parser

# Shorter ones may be words; lists show so many characters.
HASH = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
# Of what a beginning stands for: nobody reads more, and a list counts no further.
MOST_NAMED = 1000
HINT = (
    "A URL or its beginning, a hash or its beginning, an id; or words and conditions as in the library: "
    "by:ana type:png tag:sea after:7d is:failed"
)


def stored_files(rows: StoredFileQuerySet, text: str, *, user: User, now: datetime) -> StoredFileQuerySet:
    """Those of these files that are meant, or that have an entry that is."""
    pks = named(text)
    if pks is None:
        return rows.filter(pk__in=_found(Asset.objects.all(), text, user, now).values("stored_file"))
    return rows.filter(pk__in=pks)


def entries(rows: AssetQuerySet, text: str, *, user: User, now: datetime) -> AssetQuerySet:
    """Those of these entries that are meant, or whose file is."""
    pks = named(text)
    return _found(rows, text, user, now) if pks is None else rows.filter(stored_file__in=pks)


def named(text: str) -> list[uuid.UUID] | None:
    """The files that a text names by a URL, now or in the past, by a hash or by an id; None where it is none of these.

    Looked up, not joined: with their ids a database knows how few they are.
    """
    text = text.strip()
    files = StoredFile.objects.order_by().values_list("pk", flat=True)
    if "://" in text:
        begins = index.url_begins(text)
        past = PastUrl.objects.filter(begins).order_by().values_list("stored_file", flat=True)
        return [*files.filter(begins)[:MOST_NAMED], *past[:MOST_NAMED]]
    if HASH.fullmatch(text):
        begins = Q(sha256__gte=text.lower(), sha256__lt=f"{text.lower()}g")
        return list(files.filter(begins)[:MOST_NAMED])
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    of_entry = Asset.objects.filter(pk=pk).values_list("stored_file", flat=True)
    return [*files.filter(pk=pk), *of_entry]


def _found(rows: AssetQuerySet, text: str, user: User, now: datetime) -> AssetQuerySet:
    return filters.among(rows, query_parser.parse(text), user=user, now=now)
