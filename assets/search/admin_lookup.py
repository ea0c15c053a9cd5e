"""What administrators search for, whoever owns it: by URL, hash or id, or with the library's search language."""

import re
import uuid
from datetime import datetime

from django.db.models import Q

from assets.models import Asset, PastUrl, StoredFile
from assets.models.assets import AssetQuerySet
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.models.users import User
from assets.search import filters, index, query_parser

# A shorter one may be a word; lists show this many characters.
HASH = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
# Matches of a prefix: nobody reads more, and lists count no further.
MAX_MATCHES = 1000
HINT = (
    "A URL, hash or id (the start of a URL or hash is enough), or a search as in the library: "
    "by:ana type:png tag:sea after:7d is:failed"
)


def search_stored_files(rows: StoredFileQuerySet, text: str, *, user: User, now: datetime) -> StoredFileQuerySet:
    """Those of these files that match, or have a matching asset."""
    pks = find_files(text)
    if pks is None:
        return rows.filter(pk__in=_search(Asset.objects.all(), text, user, now).values("stored_file"))
    return rows.filter(pk__in=pks)


def search_assets(rows: AssetQuerySet, text: str, *, user: User, now: datetime) -> AssetQuerySet:
    """Those of these assets that match, or whose file does."""
    pks = find_files(text)
    return _search(rows, text, user, now) if pks is None else rows.filter(stored_file__in=pks)


def find_files(text: str) -> list[uuid.UUID] | None:
    """Ids of the files with this URL (present or past), hash or id; None if the text is none of these.

    Looked up, not joined: given their ids, the database knows how few there are.
    """
    text = text.strip()
    files = StoredFile.objects.order_by().values_list("pk", flat=True)
    if "://" in text:
        has_prefix = index.filter_url_prefix(text)
        past = PastUrl.objects.filter(has_prefix).order_by().values_list("stored_file", flat=True)
        return [*files.filter(has_prefix)[:MAX_MATCHES], *past[:MAX_MATCHES]]
    if HASH.fullmatch(text):
        has_prefix = Q(sha256__gte=text.lower(), sha256__lt=f"{text.lower()}g")
        return list(files.filter(has_prefix)[:MAX_MATCHES])
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    of_asset = Asset.objects.filter(pk=pk).values_list("stored_file", flat=True)
    return [*files.filter(pk=pk), *of_asset]


def _search(rows: AssetQuerySet, text: str, user: User, now: datetime) -> AssetQuerySet:
    return filters.apply_filters(rows, query_parser.parse(text), user=user, now=now)
