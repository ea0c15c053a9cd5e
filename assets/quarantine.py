"""Files that the database does not know or need. It may be wrong about that: it may be restored from an older copy.

So they are moved, into a folder for each day, and deleted only after a while:

    quarantine/2026-11-27/originals/ab/ab12…
"""

import errno
import itertools
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath

from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from assets.models import StoredFile
from assets.models.batches import BATCH

logger = logging.getLogger(__name__)

FOLDER = "quarantine"
KEPT_FOR = timedelta(days=30)


def find_strays(column: str, before: datetime) -> Iterator[str]:
    """The files of a column (`original` or `preview`) that no row names. Younger ones may belong to a transaction."""
    names = list_names(f"{column}s")
    while batch := list(itertools.islice(names, BATCH)):
        # Nearly all are found by their hash, for which there is an index.
        known = _find_names(column, sha256__in=[PurePosixPath(name).stem for name in batch])
        if unknown := set(batch) - known:
            unknown -= _find_names(column, **{f"{column}__in": unknown})
        yield from sorted(name for name in unknown if _is_older(name, before))


def _find_names(column: str, **conditions: Iterable[str]) -> set[str]:
    return set(StoredFile.objects.filter(**conditions).values_list(column, flat=True))


def is_stray(column: str, name: str, before: datetime) -> bool:
    """Whether that is still so. Its age is asked last: it may be replaced at this moment."""
    return not StoredFile.objects.filter(**{column: name}).exists() and _is_older(name, before)


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
    if isinstance(default_storage, FileSystemStorage):
        _move_path(Path(default_storage.path(name)), Path(default_storage.path(target)))
    else:
        with default_storage.open(name) as file:
            target = default_storage.save(target, file)
        default_storage.delete(name)
    logger.warning("Moved %s to %s", name, target)
    return target


def _move_path(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.rename(destination)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_to_other_disk(source, destination)


def _move_to_other_disk(source: Path, destination: Path) -> None:
    """Delete a file once its copy is certain to last. One that took its place meanwhile stays."""
    part = destination.with_name(f"{destination.name}.part")
    try:
        with source.open("rb") as content, part.open("wb") as copy:
            shutil.copyfileobj(content, copy)
            copy.flush()
            os.fsync(copy.fileno())
            part.rename(destination)
            if os.path.samestat(os.fstat(content.fileno()), source.stat()):
                source.unlink()
    finally:
        part.unlink(missing_ok=True)


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
