"""The bytes of an upload that arrives in parts: one file, which only ever grows."""

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from assets import disk

SUFFIX = ".part"


class OvertakenError(Exception):
    """Another request has written meanwhile: the sender went on through a new connection."""


@dataclass(frozen=True)
class PartFile:
    """Its size is the offset. Nobody waits for a request whose connection was lost: the next one just goes on, and
    the earlier one notices before it writes that the file is no longer as it left it."""

    path: Path

    @classmethod
    def of(cls, pk: uuid.UUID) -> "PartFile":
        return cls(Path(settings.FILE_UPLOAD_TEMP_DIR) / f"{pk.hex}{SUFFIX}")

    @property
    def offset(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, chunk: bytes, at: int) -> int:
        """Write where the file ends; returns where it ends now. Raises OvertakenError if that is not `at`."""
        if disk.free_bytes() < len(chunk):
            raise OSError(errno.ENOSPC, "Only the reserve is left")
        with self._locked_at(at) as number:
            left = memoryview(chunk)
            while left:
                left = left[os.write(number, left) :]
        return at + len(chunk)

    def take_back(self, since: int, to: int) -> None:
        """Shorten the file from one size to another, unless it is no longer of that size."""
        with self._locked_at(since) as number:
            os.ftruncate(number, to)

    @contextmanager
    def _locked_at(self, offset: int) -> Iterator[int]:
        try:
            with self.locked(os.O_CREAT if offset == 0 else 0) as number:
                if os.fstat(number).st_size != offset:
                    raise OvertakenError
                yield number
        except FileNotFoundError:
            raise OvertakenError from None  # it has become an asset

    @contextmanager
    def locked(self, flags: int = 0) -> Iterator[int]:
        """Nobody else writes to the file meanwhile, or makes an asset of it."""
        number = os.open(self.path, os.O_RDWR | os.O_APPEND | flags, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield number
        finally:
            os.close(number)

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)


def find_unchanged_since(moment: datetime) -> Iterator[tuple[uuid.UUID, PartFile]]:
    """Every part file that was last written before then, with the id of its upload."""
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"*{SUFFIX}"):
        try:
            if path.stat().st_mtime < moment.timestamp():
                yield uuid.UUID(path.stem), PartFile(path)
        except (FileNotFoundError, ValueError):
            continue  # deleted meanwhile, or not ours
