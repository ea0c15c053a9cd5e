"""How rows of an archive are merged: the rules for rows that are new here, and for those that already exist.

Existing rows stay as they are, with two exceptions: stored files get what they lack (URL, original, preview,
dimensions), and assets get the tags and collections of the archive as well.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Max

from assets import originals
from assets.audit import history, owners
from assets.audit.log import LogEntry, record_changes
from assets.models import (
    Asset,
    Collection,
    GenerationOutput,
    Kind,
    ModelInput,
    ModelLimit,
    ModelParameter,
    Outcome,
    PastUrl,
    Role,
    RunInput,
    SavedSearch,
    SegmindModel,
    State,
    StoredFile,
    Tag,
    UploadRequest,
    User,
    Visibility,
)
from assets.models.catalogue import Origin
from assets.models.links import as_columns
from assets.segmind.responses import is_asset_url
from assets.text.normalise import clean_name
from assets.transfer import files, runs
from assets.transfer.archive import ArchiveError, Row
from assets.transfer.files import FileNames
from assets.transfer.references import Pk
from assets.transfer.schema import MODELS_WITH_HISTORY
from assets.transfer.table import SOURCE

NO_ORIGINAL = "The library it was imported from did not include its original. Upload the file again."
OPEN_AT_EXPORT = "It was open when the library was exported. Its outcome is unknown."
# Filled in if empty here.
_MEASURED_COLUMNS = ("width", "height", "duration")
# Come with the preview.
_PREVIEW_COLUMNS = ("placeholder", "is_animated")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_HOST_LENGTH = 100

RowWithPk: TypeAlias = tuple[Pk, Row]  # the primary key here, and the row of the archive


@dataclass
class MergeReport:
    """One import, and what to tell about it."""

    now: datetime
    is_dry_run: bool
    last_log_entry: int = field(default_factory=lambda: LogEntry.objects.aggregate(last=Max("pk"))["last"] or 0)
    new_usernames: list[str] = field(default_factory=list)
    new_administrators: int = 0
    unlike_usernames: list[str] = field(default_factory=list)
    queued: int = 0
    without_original: int = 0


def _prepare_user(user: User, row: Row, report: MergeReport) -> None:
    user.password = make_password(None)
    report.new_usernames.append(user.get_username())
    report.new_administrators += user.role == Role.ADMINISTRATOR


def _compare_people(existing: Sequence[RowWithPk], report: MergeReport) -> None:
    """Remember whose e-mail address differs: somebody else may have the same username here."""
    people = User.objects.in_bulk([pk for pk, _ in existing])
    for pk, row in existing:
        addresses = {row["email"].casefold(), people[pk].email.casefold()} - {""}
        if len(addresses) > 1:
            report.unlike_usernames.append(row["username"])


def _select_one_of_each_name(rows: list[Row]) -> list[Row]:
    """The first of those that are one tag here: an earlier version may have told their names apart."""
    return list({Tag.make_key(row["name"]): row for row in reversed(rows)}.values())


def _prepare_tag(tag: Tag, row: Row, report: MergeReport) -> None:
    tag.name = Tag.clean_name(tag.name)
    tag.key = Tag.make_key(tag.name)
    if not tag.key:
        raise ValueError("no name")


def _prepare_collection(collection: Collection, row: Row, report: MergeReport) -> None:
    """Nest it in its parents, which come earlier in the archive or are created."""
    parent_path, _, collection.name = Collection.clean_name(collection.path).rpartition(Collection.SEPARATOR)
    if not collection.name:
        raise ValueError("no name")
    if parent_path:
        owner = collection.private_to
        collection.parent = Collection.objects.get_or_create_by_name(parent_path, owner, is_private=owner is not None)
    collection.update_path()


def _prepare_stored_file(file: StoredFile, row: Row, report: MergeReport) -> None:
    _validate_stored_file(row)
    for column, value in as_columns(file.url).items():
        setattr(file, column, value)
    names = _find_files(row, report)
    file.original, file.preview = names["original"], names["preview"]
    if file.state == State.SENDING:
        file.state = State.QUEUED
    if file.state == State.QUEUED:
        report.queued += bool(names["original"])
        report.without_original += not names["original"]


def _validate_stored_file(row: Row) -> None:
    if row["url"]:
        _validate_url(row["url"])
    elif row["state"] == State.STORED:
        raise ValueError("stored without a URL")


def _validate_url(url: str) -> None:
    if not is_asset_url(url):
        host = re.sub(r"[^\w.:-]", "", urlsplit(url).netloc)[:MAX_HOST_LENGTH]
        raise ArchiveError(
            f"The archive has URLs at “{host}”, which are not https or whose host is not in SEGMIND_ASSET_HOSTS. "
            "Nothing was changed. If you trust this host, add it to that setting and import again."
        )


def _find_files(row: Row, report: MergeReport) -> FileNames:
    names = files.find_in_storage(row["sha256"], row["size"])
    if report.is_dry_run:  # no file was stored, but those of the archive would be
        return {
            "original": names["original"] or row["original"],
            "preview": names["preview"] or row["preview"],
        }
    return names


def _fail_files_without_original(inserted: Sequence[RowWithPk], report: MergeReport) -> None:
    StoredFile.objects.filter(pk__in=[pk for pk, _ in inserted], original="").fail(NO_ORIGINAL)


def _close_open_requests(inserted: Sequence[RowWithPk], report: MergeReport) -> None:
    for request in UploadRequest.objects.open().filter(pk__in=[pk for pk, _ in inserted]):
        request.finish(report.now, Outcome.UNKNOWN, message=OPEN_AT_EXPORT)


def _check_and_reindex(inserted: Sequence[RowWithPk], report: MergeReport) -> None:
    """Assets repeat facts of their files."""
    assets = Asset.objects.filter(pk__in=[pk for pk, _ in inserted])
    facts = assets.values_list("kind", "size", "stored_file__media_type", "stored_file__size")
    if any((kind, size) != (Kind.for_media_type(media_type), real) for kind, size, media_type, real in facts):
        raise ValueError("not what its file is")
    _reindex(inserted, report)


def _reindex(pairs: Sequence[RowWithPk], report: MergeReport) -> None:
    Asset.objects.filter(pk__in=[pk for pk, _ in pairs]).reindex()


def _merge_stored_files(existing: Sequence[RowWithPk], report: MergeReport) -> None:
    rows = dict(existing)
    for file in StoredFile.objects.filter(pk__in=rows):
        _validate_stored_file(rows[file.pk])
        if missing := _find_missing_columns(file, rows[file.pk], report):
            StoredFile.objects.filter(pk=file.pk).update(**missing)
    urls = {pk: row["url"] for pk, row in rows.items() if row["state"] == State.STORED}
    without_url = StoredFile.objects.filter(pk__in=urls, url="")
    without_url.retry(report.now)
    # A file that is being sent right now gets its URL from Segmind.
    without_url.waiting().mark_stored(urls, report.now)
    _add_past_urls(rows, report)
    with_original = [pk for pk, row in rows.items() if row["original"]]
    waiting = StoredFile.objects.filter(pk__in=with_original, error__in=(originals.DAMAGED, NO_ORIGINAL))
    report.queued += waiting.exclude(original="").retry(report.now)


def _find_missing_columns(file: StoredFile, row: Row, report: MergeReport) -> Row:
    """What the archive knows of a stored file and this library does not."""
    names = _find_files(row, report)
    missing = {
        column: row[column] for column in _MEASURED_COLUMNS if getattr(file, column) is None and row[column] is not None
    }
    if names["original"] and not originals.is_here(file):
        missing["original"] = names["original"]
    if names["preview"] and not file.preview:
        missing |= {column: row[column] for column in _PREVIEW_COLUMNS}
        missing |= {"preview": names["preview"], "preview_error": ""}
    return missing


def _add_past_urls(rows: dict[Pk, Row], report: MergeReport) -> None:
    """Keep a different URL of the same file as a past URL: it may be in use somewhere."""
    current = dict(StoredFile.objects.filter(pk__in=rows).values_list("pk", "url"))
    past = set(PastUrl.objects.filter(stored_file__in=rows).values_list("stored_file_id", "url"))
    PastUrl.objects.bulk_create(
        PastUrl(
            stored_file_id=pk,
            url=row["url"],
            stored_at=row["stored_at"] or report.now,
            replaced_at=report.now,
            why=row["link_status"],
        )
        for pk, row in rows.items()
        if row["url"] and row["url"] != current[pk] and (pk, row["url"]) not in past
    )


def _prepare_past_url(past_url: PastUrl, row: Row, report: MergeReport) -> None:
    _validate_url(past_url.url)


def _select_history_of_new_assets(rows: list[Row]) -> list[Row]:
    """Without the history of assets that are here: it may tell what was private in the other library."""
    existing = _find_asset_ids(row["object_pk"] for row in rows)
    return [row for row in rows if row["object_pk"] not in existing]


def _find_asset_ids(texts: Iterable[str]) -> set[str]:
    """Those of the texts that are ids of assets here."""
    pks = [text for text in texts if _UUID.fullmatch(text)]
    return {str(pk) for pk in Asset.objects.filter(pk__in=pks).values_list("pk", flat=True)}


def _prepare_log_entry(log_entry: LogEntry, row: Row, report: MergeReport) -> None:
    app, model = row["content_type"]
    if app != "assets" or model not in MODELS_WITH_HISTORY or not history.is_readable(log_entry):
        raise ValueError("not a log entry")
    if log_entry.additional_data is not None:
        log_entry.additional_data = owners.from_archive(log_entry.additional_data)


def _merge_assets(existing: Sequence[RowWithPk], report: MergeReport) -> None:
    foreign_ids = {str(row["id"]) for pk, row in existing if row["id"] != pk}
    # The history came before the assets, so that of an asset known here under another id was just imported.
    imported = LogEntry.objects.filter(pk__gt=report.last_log_entry)
    imported.filter(object_pk__in=foreign_ids - _find_asset_ids(foreign_ids)).delete()
    _reindex(existing, report)


def _select_assets_for_labels(existing: Sequence[RowWithPk]) -> list[RowWithPk]:
    """Assets that get the archive's labels too. Those of a private asset stay away from one that the team sees."""
    assets = Asset.objects.prefetch_related("tags", "collections").in_bulk([pk for pk, _ in existing])
    selected = [
        (pk, row)
        for pk, row in existing
        if row["visibility"] != Visibility.PRIVATE or assets[pk].visibility == Visibility.PRIVATE
    ]
    changes = ((assets[pk], _describe_new_labels(assets[pk], row)) for pk, row in selected)
    record_changes([(asset, labels) for asset, labels in changes if labels], actor="import_library")
    return selected


def _describe_new_labels(asset: Asset, row: Row) -> dict[str, tuple[str, str]]:
    """The names of tags and collections to be added, as the history records them."""
    added = {}
    for column, label in (("tags", Tag), ("collections", Collection)):
        keys = {existing.key for existing in getattr(asset, column).all()}
        # A reference to a private collection is a tuple; its name is not recorded.
        shared = [name for name in row[column] if isinstance(name, str)]
        if names := [name for name in shared if label.make_key(name) not in keys]:
            added[column] = ("", ", ".join(names))
    return added


def _prepare_saved_search(saved: SavedSearch, row: Row, report: MergeReport) -> None:
    saved.name = clean_name(saved.name)
    saved.key = SavedSearch.make_key(saved.owner_id, saved.name)


def _check_fact(fact: SegmindModel | ModelInput | ModelParameter | ModelLimit, row: Row, report: MergeReport) -> None:
    if isinstance(fact, ModelParameter | ModelLimit):
        fact.check_value()


def _believe_by_hand(model: type[models.Model], *columns: str) -> "Callable[[Sequence[RowWithPk], MergeReport], None]":
    """What was entered by hand takes the place of what was not."""

    def merge(existing: Sequence[RowWithPk], report: MergeReport) -> None:
        for pk, row in existing:
            if row["origin"] == Origin.HAND:
                values = {column: row[column] for column in (*columns, *SOURCE)}
                model._default_manager.filter(pk=pk).exclude(origin=Origin.HAND).update(**values)

    return merge


@dataclass(frozen=True)
class MergeRules:
    """The rules of one model.

    `select`: which of the new rows to import. `prepare`: a new object before it is inserted. `after_insert`: new rows,
    inserted and linked. `select_for_links`: existing rows whose many-to-many fields get those of the archive as well.
    `merge`: existing rows.
    """

    select: Callable[[list[Row]], list[Row]] = lambda rows: rows
    prepare: Callable[[Any, Row, MergeReport], None] = lambda new_object, row, report: None
    after_insert: Callable[[Sequence[RowWithPk], MergeReport], None] = lambda inserted, report: None
    select_for_links: Callable[[Sequence[RowWithPk]], list[RowWithPk]] = lambda existing: []
    merge: Callable[[Sequence[RowWithPk], MergeReport], None] = lambda existing, report: None
    batch_size: int = 500


_RULES: dict[type[models.Model], MergeRules] = {
    User: MergeRules(prepare=_prepare_user, merge=_compare_people),
    Tag: MergeRules(select=_select_one_of_each_name, prepare=_prepare_tag),
    # One at a time: the next may be nested in it.
    Collection: MergeRules(prepare=_prepare_collection, batch_size=1),
    StoredFile: MergeRules(
        prepare=_prepare_stored_file, after_insert=_fail_files_without_original, merge=_merge_stored_files
    ),
    PastUrl: MergeRules(prepare=_prepare_past_url),
    UploadRequest: MergeRules(after_insert=_close_open_requests),
    LogEntry: MergeRules(select=_select_history_of_new_assets, prepare=_prepare_log_entry),
    Asset: MergeRules(after_insert=_check_and_reindex, select_for_links=_select_assets_for_labels, merge=_merge_assets),
    SavedSearch: MergeRules(prepare=_prepare_saved_search),
    SegmindModel: MergeRules(merge=_believe_by_hand(SegmindModel, "title", "description", "output", "retired_at")),
    ModelInput: MergeRules(merge=_believe_by_hand(ModelInput, "position", "kind", "is_list", "required")),
    ModelParameter: MergeRules(
        prepare=_check_fact,
        merge=_believe_by_hand(ModelParameter, "position", "type", "required", "default", "choices"),
    ),
    ModelLimit: MergeRules(prepare=_check_fact, merge=_believe_by_hand(ModelLimit, "value")),
    RunInput: MergeRules(after_insert=runs.count_uses),
    GenerationOutput: MergeRules(prepare=runs.prepare_output, after_insert=runs.mark_made),
}


def get_rules(model: type[models.Model]) -> MergeRules:
    return _RULES.get(model, MergeRules())
