"""Originals and previews on their way into an archive, and out of one."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.storage import default_storage

from assets.models import StoredFile
from assets.transfer.archive import FILE_NAME, PIECE, ArchiveError, Member, damaged
from assets.uploads.hashed_file import HashedFile

COLUMNS = ("original", "preview")
MOST_PREVIEW_BYTES = 10_000_000
_BATCH = 500
_STARTS = {".webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ".svg": re.compile(rb"\s*<")}


@dataclass(frozen=True)
class Kept:
    """A file that goes into the archive, open."""

    name: str
    content: IO[bytes]
    size: int
    sha256: str


def carried_names(row: dict[str, Any], *, with_files: bool) -> dict[str, str]:
    """Under which names the files of a row are in the archive; empty where they are not."""
    if not with_files:
        return dict.fromkeys(COLUMNS, "")
    is_whole = _size(row["original"]) == row["size"]
    return {
        "original": _archived_name(row["sha256"], "original", row["original"]) if is_whole else "",
        "preview": _archived_name(row["sha256"], "preview", row["preview"]) if _size(row["preview"]) else "",
    }


def kept(*, left_out: list[str]) -> Iterator[Kept]:
    """Every original and preview that is here and whole; of each other one a sentence for `left_out`."""
    files = StoredFile.objects.exclude(original="", preview="").order_by("sha256")
    rows = list(files.values("sha256", "size", *COLUMNS)[:_BATCH])
    while rows:
        for row in rows:
            for column, name in carried_names(row, with_files=True).items():
                if name and (file := _whole(row, column)):
                    with default_storage.open(row[column]) as content:
                        yield Kept(name, content, *file)
                elif row[column]:
                    left_out.append(f"The {column} of {row['sha256'][:12]} is missing or damaged here.")
        # No cursor is held open over the hours that files may take.
        rows = list(files.filter(sha256__gt=rows[-1]["sha256"]).values("sha256", "size", *COLUMNS)[:_BATCH])


def _whole(row: dict[str, Any], column: str) -> tuple[int, str] | None:
    """Size and hash of a file that may be carried: an original has to be what its row says."""
    size, found = 0, hashlib.sha256()
    with default_storage.open(row[column]) as content:
        while piece := content.read(PIECE):
            size += len(piece)
            found.update(piece)
    digest = found.hexdigest()
    return (size, digest) if column == "preview" or digest == row["sha256"] else None


def _archived_name(sha256: str, column: str, stored: str) -> str:
    ending = PurePosixPath(stored).suffix if column == "preview" else ""
    name = f"{column}s/{sha256[:2]}/{sha256}{ending}"
    return name if stored and FILE_NAME.fullmatch(name) else ""


def place(member: Member) -> bool:
    """Put a file of an archive where the rows that are to come will find it; False where it was there already.

    Should they not come after all, it does no harm: nothing leads to it, and `check_library` finds it.
    """
    if not is_new(member):
        return False
    with HashedFile.from_stream(member.content, member.name) as spooled:  # type: ignore[arg-type]
        _check(spooled, member)
        default_storage.save(member.name, spooled)
    return True


def is_new(member: Member) -> bool:
    """Whether a file of an archive is not here yet, as a whole."""
    size = _size(member.name)
    return size is None if _is_preview(member.name) else size != member.size


def _check(spooled: HashedFile, member: Member) -> None:
    if spooled.is_disk_full:
        raise ArchiveError("The disk is full. No row was changed. Make room, and import again.")
    if spooled.is_too_large:
        raise ArchiveError(
            f"{member.name} has {member.size} bytes, more than UPLOAD_MAX_FILE_BYTES. No row was changed. "
            "Raise that setting, and import again."
        )
    digest, ending = member.name.rpartition("/")[2][:64], PurePosixPath(member.name).suffix
    if not _is_preview(member.name) and spooled.sha256 != digest:
        raise damaged(f"{member.name} is not what its name says")
    if _is_preview(member.name) and not _looks_like_preview(spooled, ending):
        raise damaged(f"{member.name} is no preview")


def _is_preview(name: str) -> bool:
    return name.startswith("previews/")


def _looks_like_preview(spooled: HashedFile, ending: str) -> bool:
    start = spooled.read(16)
    spooled.seek(0)
    return spooled.size <= MOST_PREVIEW_BYTES and bool(_STARTS[ending].match(start))


def found_here(sha256: str, size: int) -> dict[str, str]:
    """The files of a content that are in the storage, whoever put them there; empty where they are not."""
    original, *previews = f"originals/{sha256[:2]}/{sha256}", *(f"previews/{sha256[:2]}/{sha256}{e}" for e in _STARTS)
    return {
        "original": original if _size(original) == size else "",
        "preview": next((name for name in previews if _size(name) is not None), ""),
    }


def _size(stored: str) -> int | None:
    """The size of a stored file; None where there is none."""
    if not stored:
        return None
    try:
        return default_storage.size(stored)
    except FileNotFoundError:
        return None
