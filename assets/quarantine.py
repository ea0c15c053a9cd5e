"""Files that the database does not know or need. It may be wrong about that: it may be restored from an older copy.

So they are moved, into a folder for each day, and deleted only after a while:

    quarantine/2026-11-27/originals/ab/ab12…
"""

import errno
import itertools
import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath

from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from assets.models import StoredFile
from assets.models.batches import BATCH
from assets.text.well_formed import is_well_formed, printable_path

logger = logging.getLogger(__name__)

FOLDER = "quarantine"
KEPT_FOR = timedelta(days=30)


def find_strays(column: str, before: datetime) -> Iterator[str]:
    """The files of a column (`original` or `preview`) that no row names. Younger ones may belong to a transaction."""
    names = list_names(f"{column}s")
    while batch := list(itertools.islice(names, BATCH)):
        # Nearly all are found by their hash, for which there is an index.
        known = _find_names(column, "sha256", [PurePosixPath(name).stem for name in batch])
        if unknown := set(batch) - known:
            unknown -= _find_names(column, column, unknown)
        yield from sorted(name for name in unknown if _is_older(name, before))


def _find_names(column: str, field: str, values: Iterable[str]) -> set[str]:
    """The column's files in those rows whose field has one of the values. No row has a name that is no UTF-8."""
    known = StoredFile.objects.filter(**{f"{field}__in": list(filter(is_well_formed, values))})
    return set(known.values_list(column, flat=True))


def is_stray(column: str, name: str, before: datetime) -> bool:
    """Whether that is still so. Its age is asked last: it may be replaced at this moment."""
    return not _find_names(column, column, [name]) and _is_older(name, before)


def list_names(folder: str) -> Iterator[str]:
    """The files in a folder of the storage and in its subfolders."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from list_names(f"{folder}/{name}")


def _is_older(name: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:
        return False


def move(name: str, now: datetime) -> str:
    """Move a file of the storage to the folder of today. Returns its new name."""
    target = _free_name(f"{FOLDER}/{timezone.localdate(now)}/{name}")
    if not _rename(name, target):
        _copy(name, target)
    logger.warning("Moved %s to %s", printable_path(name), printable_path(target))
    return target


def _rename(name: str, target: str) -> bool:
    """False if the target is on another disk, or in a storage without renaming."""
    if not isinstance(default_storage, FileSystemStorage):
        return False
    destination = Path(default_storage.path(target))
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        Path(default_storage.path(name)).rename(destination)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _copy(name: str, target: str) -> None:
    """Delete a file once its copy has been saved. One that takes its place meanwhile stays."""
    modified_at = default_storage.get_modified_time(name)
    try:
        with default_storage.open(name) as file:
            default_storage.save(target, file)
    except OSError:
        default_storage.delete(target)
        raise
    if default_storage.get_modified_time(name) == modified_at:
        default_storage.delete(name)


def _free_name(name: str) -> str:
    names = itertools.chain([name], (f"{name}.{number}" for number in itertools.count(2)))
    return next(free for free in names if not default_storage.exists(free))


def empty(now: datetime) -> None:
    """Delete what was moved here more than KEPT_FOR ago. Folders that are not named by a day are left."""
    try:
        days = default_storage.listdir(FOLDER)[0]
        for day in days:
            if _is_day(day) and timezone.localdate(now) - date.fromisoformat(day) > KEPT_FOR:
                _delete(f"{FOLDER}/{day}")
                logger.info("Deleted %s/%s", FOLDER, day)
    except FileNotFoundError:  # nothing was ever moved, or another worker is at it
        return
    except OSError as error:
        logger.warning("The quarantine could not be emptied: %s", error)


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _delete(folder: str) -> None:
    folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        _delete(f"{folder}/{name}")
    default_storage.delete(folder)
