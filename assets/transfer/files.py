"""Originals and previews on their way into an archive and out of it."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TypedDict

from django.core.files.storage import default_storage

from assets import originals
from assets.models import StoredFile
from assets.transfer.archive import FILE_NAME, ArchiveError, DamagedArchiveError, Member, Row
from assets.uploads.hashed_file import HashedFile

FILE_COLUMNS = ("original", "preview")
MAX_PREVIEW_BYTES = 10_000_000
_BATCH_SIZE = 500
_SIGNATURES = {".webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ".svg": re.compile(rb"\s*<")}
_SIGNATURE_BYTES = 16


class FileNames(TypedDict):
    """Names of a stored file's originals and previews; empty if there are none."""

    original: str
    preview: str


@dataclass(frozen=True)
class ExportedFile:
    """A file for the archive, open for reading."""

    name: str
    content: IO[bytes]
    size: int
    sha256: str


def get_archived_names(row: Row, *, with_files: bool) -> FileNames:
    """The names of a row's files in the archive."""
    if not with_files:
        return {"original": "", "preview": ""}
    is_complete = _get_size(row["original"]) == row["size"]
    return {
        "original": _make_name(row["sha256"], "original", row["original"]) if is_complete else "",
        "preview": _make_name(row["sha256"], "preview", row["preview"]) if _get_size(row["preview"]) else "",
    }


def open_all(*, left_out: list[str]) -> Iterator[ExportedFile]:
    """Every intact original and preview; adds a sentence to `left_out` for each of the others."""
    files = StoredFile.objects.exclude(original="", preview="").order_by("sha256")
    rows = list(files.values("sha256", "size", *FILE_COLUMNS)[:_BATCH_SIZE])
    while rows:
        for row in rows:
            yield from _open_files_of(row, left_out)
        # In batches, so that no cursor stays open for the hours that files may take.
        rows = list(files.filter(sha256__gt=rows[-1]["sha256"]).values("sha256", "size", *FILE_COLUMNS)[:_BATCH_SIZE])


def _open_files_of(row: Row, left_out: list[str]) -> Iterator[ExportedFile]:
    names = get_archived_names(row, with_files=True)
    for column, name in (("original", names["original"]), ("preview", names["preview"])):
        if name and (measured := _measure(row, column)):
            with default_storage.open(row[column]) as content:
                yield ExportedFile(name, content, *measured)
        elif row[column]:
            left_out.append(f"The {column} of {row['sha256'][:12]} is missing or damaged. It was left out.")


def _measure(row: Row, column: str) -> tuple[int, str] | None:
    """Size and hash of a file; None if it cannot be read, or is an original that does not match its row."""
    try:
        with default_storage.open(row[column]) as content:
            digest, size = hashlib.file_digest(content, "sha256").hexdigest(), content.tell()
    except OSError:
        return None
    return (size, digest) if column == "preview" or digest == row["sha256"] else None


def _make_name(sha256: str, column: str, stored_name: str) -> str:
    extension = PurePosixPath(stored_name).suffix if column == "preview" else ""
    name = f"{column}s/{sha256[:2]}/{sha256}{extension}"
    return name if stored_name and FILE_NAME.fullmatch(name) else ""


def save(member: Member) -> bool:
    """Store a file of an archive where its row will expect it; False if it is already there.

    Without a row it does no harm: once the import has ended, `check_library` finds it.
    """
    if not is_new(member):
        return False
    with HashedFile.from_stream(io.BufferedReader(member.content), member.name) as file:
        _validate(file, member)
        default_storage.save(member.name, file)
    return True


def is_new(member: Member) -> bool:
    """Whether this installation lacks the file, or has a damaged one."""
    if _is_preview(member.name):
        return _get_size(member.name) is None
    return not originals.has_content(member.name, PurePosixPath(member.name).name)


def _validate(file: HashedFile, member: Member) -> None:
    if file.is_disk_full:
        raise ArchiveError("The disk is full. No row was changed. Free some space and import again.")
    if file.is_too_large:
        raise ArchiveError(
            f"{member.name} has {member.size} bytes, more than UPLOAD_MAX_FILE_BYTES. No row was changed. "
            "Raise that setting and import again."
        )
    name = PurePosixPath(member.name)
    if _is_preview(member.name):
        if not _has_signature(file, name.suffix):
            raise DamagedArchiveError(f"{member.name} is not a preview")
    elif file.sha256 != name.name:
        raise DamagedArchiveError(f"{member.name} does not match its hash")


def _is_preview(name: str) -> bool:
    return name.startswith("previews/")


def _has_signature(file: HashedFile, extension: str) -> bool:
    start = file.read(_SIGNATURE_BYTES)
    file.seek(0)
    return file.size <= MAX_PREVIEW_BYTES and bool(_SIGNATURES[extension].match(start))


def find_in_storage(sha256: str, size: int) -> FileNames:
    """The files of a content that are in storage, however they came there."""
    original = originals.name_of(sha256)
    previews = [f"previews/{sha256[:2]}/{sha256}{extension}" for extension in _SIGNATURES]
    return {
        "original": original if _get_size(original) == size else "",
        "preview": next((name for name in previews if _get_size(name) is not None), ""),
    }


def _get_size(name: str) -> int | None:
    """The size of a file in storage; None if there is none."""
    if not name:
        return None
    try:
        return default_storage.size(name)
    except FileNotFoundError:
        return None
