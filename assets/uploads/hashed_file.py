"""A received file on disk: written, hashed and measured in one pass."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, Self

from django.conf import settings
from django.core.files.base import File

from assets import disk
from assets.models.assets import FILE_NAME_LENGTH
from assets.text.shorten import shorten
from assets.uploads.incoming import IncomingFolder

CHUNK_BYTES = 1024 * 1024
MAX_SUFFIX_LENGTH = 20
# Hashing and writing take as long as receiving: a large chunk is kept by another thread while the next one arrives.
MIN_PARALLEL_BYTES = 128 * 1024
_KEEPERS = ThreadPoolExecutor(thread_name_prefix="keep-upload")


class HashedFile(File[bytes]):
    """A temporary file with its SHA-256. Closing it deletes it, unless it has been moved into storage.

    Once the file is over the size limit or the disk is full, nothing of it is kept, but the size is still counted:
    the other files of the form have yet to be read. A complete file is not open before `open()`: a form can have a
    thousand of them.

    `announced` are the hashes that the sender computed, if any.
    """

    def __init__(self, name: str, folder: IncomingFolder | None = None) -> None:
        super().__init__(None, name)
        self.size = 0
        self.announced: set[str] = set()
        self._is_disk_full = False
        self._hash = hashlib.sha256()
        self._keeping: Future[None] | None = None
        self._folder = folder or IncomingFolder()
        self._path: Path | None = None
        with self._noticing_full_disk():
            self._path = self._folder.new_path()
            self.file = self._path.open("xb", buffering=0)

    @classmethod
    def from_stream(cls, stream: IO[bytes], name: str) -> Self:
        """A complete file, open for reading."""
        file = cls(name)
        try:
            while chunk := stream.read(CHUNK_BYTES):
                file.append(chunk)
            file.complete()
            return file.open()
        except BaseException:
            file.close()
            raise

    @classmethod
    def from_part(cls, path: Path, name: str) -> Self:
        """A file that has arrived in parts, complete and open for reading. `path` has it until it is deleted, too."""
        file = cls(name)
        try:
            file._take(path)
            file.complete()
            return file.open()
        except BaseException:
            file.close()
            raise

    def _take(self, path: Path) -> None:
        own = Path(str(self._path))
        own.unlink(missing_ok=True)
        with self._noticing_full_disk():
            try:
                os.link(path, own)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                    raise
                shutil.copyfile(path, own)  # the file system has no links
        with own.open("rb") as content:
            self._hash = hashlib.file_digest(content, hashlib.sha256)
            self.size = content.tell()

    @property
    def is_too_large(self) -> bool:
        return bool(self.size > settings.UPLOAD_MAX_FILE_BYTES)

    @property
    def is_disk_full(self) -> bool:
        self._finish_keeping()
        return self._is_disk_full

    @property
    def is_complete(self) -> bool:
        """Whether every byte so far was kept."""
        return not self.is_too_large and not self.is_disk_full

    @property
    def has_changed(self) -> bool:
        """Whether other bytes arrived than the sender announced."""
        return self.is_complete and not self.announced <= {self.sha256}

    @property
    def sha256(self) -> str:
        self._finish_keeping()
        return self._hash.hexdigest()

    def append(self, chunk: bytes) -> None:
        self._finish_keeping()
        self.size += len(chunk)
        if self.is_too_large:
            self._discard()
        elif self.is_complete and len(chunk) < MIN_PARALLEL_BYTES:
            self._keep(chunk)
        elif self.is_complete:
            self._keeping = _KEEPERS.submit(self._keep, chunk)

    def _finish_keeping(self) -> None:
        """Wait for the chunk before."""
        if self._keeping is not None:
            self._keeping.result()
            self._keeping = None

    def _keep(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        with self._noticing_full_disk():
            self._write(chunk)

    def _write(self, chunk: bytes) -> None:
        if disk.free_bytes() < len(chunk):
            raise OSError(errno.ENOSPC, "Only the reserve is left")
        left = memoryview(chunk)
        while left and self.file:
            left = left[self.file.write(left) :]

    def complete(self) -> None:
        """Force the file to the disk while others arrive; only after that may it be moved, or reported as received."""
        path = self._path if self.is_complete and self.file else None
        self._close_file()
        if path is not None:
            self._keeping = _KEEPERS.submit(self._sync, path)

    def _sync(self, path: Path) -> None:
        with self._noticing_full_disk(), path.open("rb") as file:
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def _noticing_full_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not disk.is_full_error(error):
                raise
            self._is_disk_full = True
            self._discard()

    def open(self, *args: object, **options: object) -> Self:
        if self.file is None and self._path is not None and self.is_complete:
            self.file = self._path.open("rb")
        return self

    def temporary_file_path(self) -> str:
        self._finish_keeping()
        return str(self._path)

    def close(self) -> None:
        if self._keeping is not None:
            wait([self._keeping])
        self._discard()
        self._folder.remove_if_empty()

    def _discard(self) -> None:
        self._close_file()
        # Missing once it has been moved to the originals.
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _close_file(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


def clean_file_name(name: str) -> str:
    """The name without folders and null characters, shortened to FILE_NAME_LENGTH with its suffix kept."""
    name = name.replace("\0", "").rpartition("/")[2] or "file"
    if len(name) <= FILE_NAME_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > MAX_SUFFIX_LENGTH:
        return shorten(name, FILE_NAME_LENGTH)
    return shorten(stem, FILE_NAME_LENGTH - len(suffix) - 1) + dot + suffix
