"""How Django reads an upload form: every file is streamed to disk and hashed as it arrives."""

from collections.abc import Iterable
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from assets.uploads.hashed_file import CHUNK_BYTES, HashedFile, clean_file_name
from assets.web.database import release_connection

MAX_FIELD_BYTES = 1_000_000  # of all text fields together


class HashingUploadHandler(FileUploadHandler):
    """Puts a `HashedFile` for every file into `request.FILES`.

    Parses the form itself, because Django's parser changes file names: it drops joiners and unusual spaces, decodes
    `&amp;`, and shortens names of 255 characters outside ASCII.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        meta: dict[str, str],
        content_length: int,
        boundary: str | bytes,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        # The body takes as long as its client likes; others have the database connection meanwhile.
        release_connection()
        form = _Form(encoding or "utf-8")
        try:
            with PushMultipartParser(boundary, content_length=content_length) as parser:
                form.read(parser.parse_blocking(input_data.read, CHUNK_BYTES))
        except MultipartError as error:
            form.close_files()
            raise MultiPartParserError(f"The form could not be read: {error}.") from error
        except BaseException:
            form.close_files()
            raise
        form.fields._mutable = False
        return form.fields, form.files

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class _Form:
    """The fields and files of one multipart body, collected part by part."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.fields = QueryDict(mutable=True, encoding=encoding)
        self.files: MultiValueDict[str, HashedFile] = MultiValueDict()
        self.field_bytes = self.field_count = self.file_count = 0
        self.name = ""
        self.current: HashedFile | bytearray = bytearray()

    def read(self, events: Iterable[MultipartSegment | bytes | None]) -> None:
        """Follow the parser's events: each part is its header, its chunks, and None at its end."""
        for event in events:
            if isinstance(event, MultipartSegment):
                self.start_part(event)
            elif event is None:
                self.end_part()
            else:
                self.add_chunk(event)

    def start_part(self, segment: MultipartSegment) -> None:
        self.name = segment.name or ""
        if segment.filename:
            self.start_file(segment.filename)
        else:
            self.field_count += 1
            self.current = bytearray()
            self.check_field_limits()

    def start_file(self, file_name: str) -> None:
        self.file_count += 1
        if self.file_count > settings.DATA_UPLOAD_MAX_NUMBER_FILES:
            raise TooManyFilesSent(f"One form can have at most {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} files.")
        self.current = HashedFile(clean_file_name(file_name))
        self.files.appendlist(self.name, self.current)

    def add_chunk(self, chunk: bytes) -> None:
        if isinstance(self.current, HashedFile):
            self.current.append(chunk)
        else:
            self.current += chunk
            self.field_bytes += len(chunk)
            self.check_field_limits()

    def end_part(self) -> None:
        if isinstance(self.current, HashedFile):
            self.current.complete()
        else:
            self.fields.appendlist(self.name, self.current.decode(self.encoding, "replace"))

    def check_field_limits(self) -> None:
        if self.field_bytes > MAX_FIELD_BYTES or self.field_count > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise RequestDataTooBig("The form’s fields are too large.")

    def close_files(self) -> None:
        for _, files in self.files.lists():
            for file in files:
                file.close()
