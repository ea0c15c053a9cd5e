"""What becomes of rows when they arrive: the rules for new ones, and for those that are here already.

What is here stays as it is. A content that is here lacks nothing of what the archive knows of it after that; an entry
that is here has the tags and collections of both.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Max

from assets.audit import log
from assets.audit.log import LogEntry, record_changes
from assets.models import (
    Asset,
    Collection,
    Outcome,
    PastUrl,
    Role,
    State,
    StoredFile,
    Tag,
    UploadRequest,
    User,
    Visibility,
)
from assets.models.links import as_columns
from assets.segmind.responses import is_asset_url
from assets.transfer import files
from assets.transfer.archive import ArchiveError
from assets.transfer.rows import Row
from assets.transfer.schema import WITH_HISTORY

NO_ORIGINAL = "Its original did not come along from the library that it was imported from. Upload the file again."
WAS_OPEN = "It was going on when the library was exported; what came of it is not known here."
# Of a content, what is filled where it is empty here.
_FACTS = ("width", "height", "duration")
_LOOKS = ("preview", "placeholder", "is_animated")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACEHOLDER = re.compile(r"[A-Za-z0-9+/]*={0,2}")


@dataclass
class Arrival:
    """One import: when it is, and what is to be told of it."""

    now: datetime
    is_rehearsal: bool
    last_record: int = field(default_factory=lambda: LogEntry.objects.aggregate(last=Max("pk"))["last"] or 0)
    people: list[str] = field(default_factory=list)
    administrators: int = 0
    waiting: int = 0
    without_original: int = 0


Pair = tuple[Any, Row]  # an object or its primary key, and its row in the archive


def _receive_person(person: User, row: Row, arrival: Arrival) -> None:
    person.password = make_password(None)
    arrival.people.append(person.get_username())
    arrival.administrators += person.role == Role.ADMINISTRATOR


def _receive_tag(tag: Tag, row: Row, arrival: Arrival) -> None:
    tag.name = Tag.clean_name(tag.name)
    tag.key = Tag.make_key(tag.name)
    if not tag.key:
        raise ValueError("no name")


def _receive_collection(collection: Collection, row: Row, arrival: Arrival) -> None:
    """In its place below the others; those above it come first, and are made where they are missing."""
    above, _, collection.name = Collection.clean_name(collection.path).rpartition(Collection.SEPARATOR)
    if not collection.name:
        raise ValueError("no name")
    owner = collection.private_to
    collection.parent = (
        Collection.objects.get_or_create_by_name(above, owner, is_private=owner is not None) if above else None
    )
    collection.update_path()


def _receive_file(file: StoredFile, row: Row, arrival: Arrival) -> None:
    _check_content(row)
    for column, value in as_columns(file.url).items():
        setattr(file, column, value)
    found = _files_of(row, arrival)
    file.original, file.preview = found["original"], found["preview"]
    if file.state == State.SENDING:
        file.state = State.QUEUED
    if file.state == State.QUEUED:
        arrival.waiting += bool(found["original"])
        arrival.without_original += not found["original"]


def _check_content(row: Row) -> None:
    if not re.fullmatch("[0-9a-f]{64}", row["sha256"]) or not _PLACEHOLDER.fullmatch(row["placeholder"]):
        raise ValueError("not a hash, or not a picture")
    if row["url"]:
        _check_url(row["url"])


def _check_url(url: str) -> None:
    if not is_asset_url(url):
        host = re.sub(r"[^\w.:-]", "", urlsplit(url).netloc)[:100]
        raise ArchiveError(
            f"The archive has URLs of the host “{host}”, which is none of SEGMIND_ASSET_HOSTS, or that are not https. "
            "Nothing was changed. If you trust this host, add it to that setting and import again."
        )


def _files_of(row: Row, arrival: Arrival) -> dict[str, str]:
    found = files.found_here(row["sha256"], row["size"])
    if arrival.is_rehearsal:  # nothing has been placed, but would be
        return {column: name or row[column] for column, name in found.items()}
    return found


def _settle_files(pairs: Sequence[Pair], arrival: Arrival) -> None:
    StoredFile.objects.filter(pk__in=[pk for pk, _ in pairs], original="").fail(NO_ORIGINAL)


def _settle_requests(pairs: Sequence[Pair], arrival: Arrival) -> None:
    for request in UploadRequest.objects.open().filter(pk__in=[pk for pk, _ in pairs]):
        request.finish(arrival.now, Outcome.UNKNOWN, message=WAS_OPEN)


def _reindex(pairs: Sequence[Pair], arrival: Arrival) -> None:
    Asset.objects.filter(pk__in=[pk for pk, _ in pairs]).reindex()


def _meet_files(pairs: Sequence[Pair], arrival: Arrival) -> None:
    """Contents that are here get the URL, the files and the facts that they lack."""
    rows = dict(pairs)
    for file in StoredFile.objects.filter(pk__in=rows):
        row = rows[file.pk]
        _check_content(row)
        found = _files_of(row, arrival)
        lacks = {name: row[name] for name in _FACTS if getattr(file, name) is None and row[name] is not None}
        if found["original"] and not file.original:
            lacks["original"] = found["original"]
        if found["preview"] and not file.preview:
            lacks |= {name: row[name] for name in _LOOKS} | {"preview": found["preview"], "preview_error": ""}
        if lacks:
            StoredFile.objects.filter(pk=file.pk).update(**lacks)
    urls = {pk: row["url"] for pk, row in rows.items() if row["state"] == State.STORED}
    without = StoredFile.objects.filter(pk__in=urls, url="")
    without.retry(arrival.now)
    # What is being sent just now gets its URL from there.
    without.waiting().mark_stored(urls, arrival.now)
    _remember_other_urls(rows, arrival)


def _remember_other_urls(rows: dict[Any, Row], arrival: Arrival) -> None:
    """Where the same content has another URL there than here, that is in use somewhere too, and must not be lost."""
    current = dict(StoredFile.objects.filter(pk__in=rows).values_list("pk", "url"))
    past = set(PastUrl.objects.filter(stored_file__in=rows).values_list("stored_file_id", "url"))
    PastUrl.objects.bulk_create(
        PastUrl(
            stored_file_id=pk,
            url=row["url"],
            stored_at=row["stored_at"] or arrival.now,
            replaced_at=arrival.now,
            why=row["link_status"],
        )
        for pk, row in rows.items()
        if row["url"] and row["url"] != current[pk] and (pk, row["url"]) not in past
    )


def _receive_past_url(past: PastUrl, row: Row, arrival: Arrival) -> None:
    _check_url(past.url)


def _of_new_entries(rows: list[Row]) -> list[Row]:
    """Records of entries that are not here: what was said of one while it was private would come to light on ours."""
    here = _ids_here(row["object_pk"] for row in rows)
    return [row for row in rows if row["object_pk"] not in here]


def _ids_here(texts: Iterable[str]) -> set[str]:
    """Those of the texts that are ids of entries of this installation."""
    pks = [text for text in texts if _UUID.fullmatch(text)]
    return {str(pk) for pk in Asset.objects.filter(pk__in=pks).values_list("pk", flat=True)}


def _receive_record(record: LogEntry, row: Row, arrival: Arrival) -> None:
    app, model = row["content_type"]
    if app != "assets" or model not in WITH_HISTORY or not log.is_readable(record):
        raise ValueError("not a record")


def _meet_assets(pairs: Sequence[Pair], arrival: Arrival) -> None:
    strange = {str(row["id"]) for pk, row in pairs if row["id"] != pk}
    # Records that have come for an entry that turns out to be here, under an id that is no entry's here.
    LogEntry.objects.filter(object_pk__in=strange - _ids_here(strange), pk__gt=arrival.last_record).delete()
    _reindex(pairs, arrival)


def _unite(pairs: Sequence[Pair]) -> list[Pair]:
    """Entries that get the archive's tags as well: not those of a private entry, where ours is the team's."""
    ours = Asset.objects.prefetch_related("tags", "collections").in_bulk([pk for pk, _ in pairs])
    pairs = [
        (pk, row)
        for pk, row in pairs
        if row["visibility"] != Visibility.PRIVATE or ours[pk].visibility == Visibility.PRIVATE
    ]
    changes = ((ours[pk], _added(ours[pk], row)) for pk, row in pairs)
    record_changes([(asset, added) for asset, added in changes if added], actor="import_library")
    return pairs


def _added(asset: Asset, row: Row) -> dict[str, tuple[str, str]]:
    """The names of tags and collections that an entry is to get, as its history notes them."""
    added = {}
    for column, label in (("tags", Tag), ("collections", Collection)):
        keys = {one.key for one in getattr(asset, column).all()}
        # What is private to somebody is not told.
        told = [name for name in row[column] if isinstance(name, str)]
        if names := [name for name in told if label.make_key(name) not in keys]:
            added[column] = ("", ", ".join(names))
    return added


@dataclass(frozen=True)
class Rules:
    """Of one model.

    `want`: which of the rows that are not here may come. `receive`: a new object, before it is written. `settle`: new
    rows, written and linked. `meet`: rows that are here already. `unite`: those of them to which the archive's
    many-to-many fields are added. `at_once`: how many are looked at together.
    """

    want: Callable[[list[Row]], list[Row]] = lambda rows: rows
    receive: Callable[[Any, Row, Arrival], None] = lambda one, row, arrival: None
    settle: Callable[[Sequence[Pair], Arrival], None] = lambda pairs, arrival: None
    meet: Callable[[Sequence[Pair], Arrival], None] = lambda pairs, arrival: None
    unite: Callable[[Sequence[Pair]], list[Pair]] = lambda pairs: []
    at_once: int = 500


_RULES: dict[type[models.Model], Rules] = {
    User: Rules(receive=_receive_person),
    Tag: Rules(receive=_receive_tag),
    # One by one: the next may be nested in it.
    Collection: Rules(receive=_receive_collection, at_once=1),
    StoredFile: Rules(receive=_receive_file, settle=_settle_files, meet=_meet_files),
    PastUrl: Rules(receive=_receive_past_url),
    UploadRequest: Rules(settle=_settle_requests),
    LogEntry: Rules(want=_of_new_entries, receive=_receive_record),
    Asset: Rules(settle=_reindex, meet=_meet_assets, unite=_unite),
}


def rules_of(model: type[models.Model]) -> Rules:
    return _RULES.get(model, Rules())
