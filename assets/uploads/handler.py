"""Uploads on their way from the socket to the disk: streamed, hashed and measured in one pass."""

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

CHUNK = 256 * 1024
MOST_FIELD_BYTES = 1_000_000
JUST_MADE = 5  # seconds


class SpooledFile(File):
    """A received file on disk, with its SHA-256; closing it removes it, unless it has been moved away.

    Stops writing, and goes on counting, once it is larger than is accepted or the disk is full: its neighbours
    in the same form are still to be read. `is_complete` says whether all of it was kept.
    """

    def __init__(self, name: str) -> None:
        self._temporary = tempfile.NamedTemporaryFile(  # noqa: SIM115  (closed by close())
            dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload"
        )
        # Freed by the system when this process ends, however it ends: then what is left belongs to nobody.
        fcntl.flock(self._temporary, fcntl.LOCK_EX | fcntl.LOCK_NB)
        super().__init__(self._temporary, name)
        self.size = 0
        self.is_disk_full = False
        self._hash = hashlib.sha256()

    @classmethod
    def of(cls, stream: BinaryIO, name: str) -> "SpooledFile":
        """Spool what a stream holds."""
        spooled = cls(name)
        while chunk := stream.read(CHUNK):
            spooled.append(chunk)
        spooled.complete()
        return spooled

    @property
    def is_too_large(self) -> bool:
        return self.size > settings.UPLOAD_MAX_FILE_BYTES

    @property
    def is_complete(self) -> bool:
        return not self.is_too_large and not self.is_disk_full

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def append(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if not self.is_complete:
            return
        self._hash.update(chunk)
        self._guarded(self._temporary.write, chunk)

    def complete(self) -> None:
        """Make sure that it is on the disk: after this it may be promised to a person."""
        if self.is_complete:
            self._guarded(self._temporary.flush)
        if self.is_complete:
            self._guarded(os.fsync, self._temporary.fileno())
        if not self.is_complete:
            self.is_disk_full |= not self._guarded(self._temporary.truncate, 0)
        self._temporary.seek(0)

    def _guarded(self, write: Any, *args: Any) -> bool:
        try:
            write(*args)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            self.is_disk_full = True
            return False
        return True

    def temporary_file_path(self) -> str:
        return self._temporary.name

    def close(self) -> None:
        # Not found: it was kept, that is moved to its place among the originals.
        with contextlib.suppress(FileNotFoundError):
            self._temporary.close()


class SpoolUploadHandler(FileUploadHandler):
    """Spools every file of a form.

    Parses the form itself, because Django's parser keeps neither the name a person's system gave (it drops
    joiners and unusual spaces, and decodes `&amp;`) nor one of 255 characters outside ASCII.
    """

    def handle_raw_input(  # type: ignore[override]  # the boundary is bytes, whatever the stubs say
        self,
        input_data: Any,
        META: Any,  # noqa: N803
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict]:
        fields = QueryDict(mutable=True, encoding=encoding or "utf-8")
        files: MultiValueDict = MultiValueDict()
        try:
            with PushMultipartParser(boundary, content_length=content_length) as parser:
                self._read(parser, input_data, fields, files)
        except MultipartError as error:
            _close(files)
            raise MultiPartParserError(f"The form could not be read: {error}.") from error
        except BaseException:
            _close(files)
            raise
        fields._mutable = False
        return fields, files

    def _read(self, parser: PushMultipartParser, input_data: Any, fields: QueryDict, files: MultiValueDict) -> None:
        name, received, field = "", None, None
        field_bytes = field_count = file_count = 0
        for event in parser.parse_blocking(input_data.read, CHUNK):
            if isinstance(event, MultipartSegment):
                name, received, field = event.name or "", None, None
                if event.filename:
                    file_count += 1
                    if file_count > settings.DATA_UPLOAD_MAX_NUMBER_FILES:
                        raise TooManyFilesSent("Too many files in one form.")
                    received = SpooledFile(clean_file_name(event.filename))
                    files.appendlist(name, received)
                else:
                    field = bytearray()
                    field_count += 1
            elif event is None:
                if received is not None:
                    received.complete()
                elif field is not None:
                    fields.appendlist(name, field.decode(fields.encoding, "replace"))
            elif received is not None:
                received.append(bytes(event))
            elif field is not None:
                field += event
                field_bytes += len(event)
            if field_bytes > MOST_FIELD_BYTES or field_count > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
                raise RequestDataTooBig("The form's fields are too large.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def abandoned() -> Iterator[Path]:
    """Files of uploads whose process has ended before they were kept or removed."""
    for path in sorted(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload")):
        try:
            # A file is there a moment before it is locked.
            if path.stat().st_mtime > time.time() - JUST_MADE:
                continue
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path
        except (FileNotFoundError, BlockingIOError):
            continue  # kept meanwhile, or still being received


def clean_file_name(name: str) -> str:
    """The name without a folder in front and without what a database cannot hold, at most 255 characters."""
    name = name.replace("\0", "").rpartition("/")[2] or "file"
    if len(name) <= 255:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        return name[:255]
    return stem[: 254 - len(ending)] + dot + ending


def _close(files: MultiValueDict) -> None:
    for _, received in files.lists():
        for file in received:
            file.close()
