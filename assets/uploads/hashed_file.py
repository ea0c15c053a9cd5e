"""A received file on disk: written, hashed and measured in one pass."""

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from django.conf import settings
from django.core.files.base import File

from assets.models.assets import FILE_NAME_LENGTH

CHUNK_BYTES = 256 * 1024
MAX_SUFFIX_LENGTH = 20
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A file exists for a moment before it is locked.
MIN_ABANDONED_SECONDS = 5


class HashedFile(File[bytes]):
    """A temporary file with its SHA-256. Closing it deletes it, unless it has been moved into storage.

    Once the file is over the size limit or the disk is full, nothing more is written, but the size is still counted:
    the other files of the form have yet to be read.
    """

    def __init__(self, name: str) -> None:
        self._temporary = tempfile.NamedTemporaryFile(  # noqa: SIM115  (close() closes it)
            dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload"
        )
        # The system releases the lock however this process ends, so an unlocked file is abandoned.
        fcntl.flock(self._temporary, fcntl.LOCK_EX | fcntl.LOCK_NB)
        super().__init__(self._temporary, name)
        self.size = 0
        self.is_disk_full = False
        self._hash = hashlib.sha256()

    @classmethod
    def from_stream(cls, stream: IO[bytes], name: str) -> Self:
        file = cls(name)
        while chunk := stream.read(CHUNK_BYTES):
            file.append(chunk)
        file.complete()
        return file

    @property
    def is_too_large(self) -> bool:
        return bool(self.size > settings.UPLOAD_MAX_FILE_BYTES)

    @property
    def is_complete(self) -> bool:
        """Whether every byte so far was kept."""
        return not self.is_too_large and not self.is_disk_full

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def append(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if not self.is_complete:
            return
        self._hash.update(chunk)
        with self._noticing_full_disk():
            self._temporary.write(chunk)

    def complete(self) -> None:
        """Force the file to the disk; only now may it be reported as received."""
        if self.is_complete:
            with self._noticing_full_disk():
                self._temporary.flush()
                os.fsync(self._temporary.fileno())
        if not self.is_complete:
            with self._noticing_full_disk():
                self._temporary.truncate(0)
        self._temporary.seek(0)

    @contextlib.contextmanager
    def _noticing_full_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in DISK_FULL_ERRORS:
                raise
            self.is_disk_full = True

    def temporary_file_path(self) -> str:
        return self._temporary.name

    def close(self) -> None:
        # Missing once it has been moved to the originals.
        with contextlib.suppress(FileNotFoundError):
            self._temporary.close()


def find_abandoned_files() -> Iterator[Path]:
    """Temporary files left behind by a process that has ended."""
    for path in sorted(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload")):
        try:
            if path.stat().st_mtime > time.time() - MIN_ABANDONED_SECONDS:
                continue
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path
        except (FileNotFoundError, BlockingIOError):
            continue  # moved into storage meanwhile, or still being received


def clean_file_name(name: str) -> str:
    """The name without folders and null characters, shortened to FILE_NAME_LENGTH with its suffix kept."""
    name = name.replace("\0", "").rpartition("/")[2] or "file"
    if len(name) <= FILE_NAME_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > MAX_SUFFIX_LENGTH:
        return name[:FILE_NAME_LENGTH]
    return stem[: FILE_NAME_LENGTH - len(suffix) - 1] + dot + suffix
