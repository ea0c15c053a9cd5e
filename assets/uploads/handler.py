"""How Django reads a multipart form: every file is streamed to disk and hashed as it arrives."""

import hashlib
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from assets.text.formats import format_size
from assets.uploads.digests import MalformedDigestError, parse_content_digest
from assets.uploads.hashed_file import CHUNK_BYTES, HashedFile, clean_file_name
from assets.uploads.incoming import IncomingFolder
from assets.web.database import release_connection

MAX_FIELD_BYTES = 1_000_000  # of all text fields together


class FilesNotWantedError(Exception):
    """Raised before the first file: the form is read for its words only."""


def refuse_files(fields: QueryDict) -> None:
    raise PermissionDenied("This page takes no files. Upload them on the upload page.")


class FormHandler(FileUploadHandler):
    """Puts a `HashedFile` for every file into `request.FILES`.

    `before_first_file` is called with the fields before it, and may raise an exception: by default, a form takes no
    files. After `FilesNotWantedError`, none is kept.

    Parses the form itself, because Django's parser changes file names: it drops joiners and unusual spaces, decodes
    `&amp;`, and shortens names of 255 characters outside ASCII.
    """

    def __init__(
        self, request: HttpRequest | None = None, before_first_file: Callable[[QueryDict], None] = refuse_files
    ) -> None:
        super().__init__(request)
        self.before_first_file = before_first_file

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
        form = _Form(encoding or "utf-8", self.before_first_file)
        body = _Body(input_data, content_length, meta.get("HTTP_CONTENT_DIGEST", ""))
        try:
            with PushMultipartParser(boundary, content_length=content_length) as parser:
                form.read(parser.parse_blocking(body.read, CHUNK_BYTES))
        except MultipartError as error:
            form.close_files()
            reason = "a name in it is not UTF-8" if isinstance(error.__context__, UnicodeDecodeError) else error
            raise MultiPartParserError(f"The form could not be read: {reason}.") from error
        except BaseException:
            form.close_files()
            raise
        body.check(form)
        form.fields._mutable = False
        return form.fields, form.files

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class _Body:
    """What is read, hashed only if the request has a Content-Digest: that of the whole body."""

    def __init__(self, stream: IO[bytes], length: int, header: str) -> None:
        self.announced = _parse_digest(header)
        self.stream = stream
        self.left = length
        self.hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self.stream.read(min(size, self.left))
        self.left -= len(chunk)
        if not chunk and self.left:
            raise UnreadablePostError("The request ended early")
        if self.announced:
            self.hash.update(chunk)
        return chunk

    def check(self, form: "_Form") -> None:
        """Make the files of a body that has changed count as changed."""
        if not self.announced:
            return
        while self.read(CHUNK_BYTES):
            pass  # what follows the last part
        files = [file for _, files in form.files.lists() for file in files]
        # Many programs send the digest of their only file instead.
        is_of_file = len(files) == 1 and files[0].sha256 == self.announced
        if self.announced != self.hash.hexdigest() and not is_of_file:
            for file in files:
                file.announced.add("the hash of another body")


def _parse_digest(header: str) -> str:
    try:
        return parse_content_digest(header)
    except MalformedDigestError as error:
        raise MultiPartParserError(str(error)) from None


class _Form:
    """The fields and files of one multipart body, collected part by part."""

    def __init__(self, encoding: str, before_first_file: Callable[[QueryDict], None]) -> None:
        self.encoding = encoding
        self.before_first_file = before_first_file
        self.fields = QueryDict(mutable=True, encoding=encoding)
        self.files: MultiValueDict[str, HashedFile] = MultiValueDict()
        self.folder = IncomingFolder()
        self.field_bytes = self.field_count = self.file_bytes = self.file_count = 0
        self.name = ""
        self.current: HashedFile | bytearray | None = bytearray()
        self.are_files_kept = True

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
            self.start_file(segment)
        else:
            self.field_count += 1
            self.current = bytearray()
            self.check_field_limits()

    def start_file(self, segment: MultipartSegment) -> None:
        if self.file_count == 0:
            self.ask_about_files()
        self.file_count += 1
        if self.file_count > settings.DATA_UPLOAD_MAX_NUMBER_FILES:
            raise TooManyFilesSent(
                f"A form can contain {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} files. This one contained more, so "
                "nothing was saved."
            )
        if not self.are_files_kept:
            self.current = None
            return
        self.current = HashedFile(clean_file_name(segment.filename or ""), self.folder)
        self.files.appendlist(self.name, self.current)
        if digest := _parse_digest(segment.header("Content-Digest", "")):
            self.current.announced.add(digest)

    def ask_about_files(self) -> None:
        try:
            self.before_first_file(self.fields)
        except FilesNotWantedError:
            self.are_files_kept = False

    def add_chunk(self, chunk: bytes) -> None:
        if isinstance(self.current, bytearray):
            self.current += chunk
            self.field_bytes += len(chunk)
            self.check_field_limits()
            return
        self.file_bytes += len(chunk)
        self.check_file_limit()
        if self.current is not None:
            self.current.append(chunk)

    def end_part(self) -> None:
        if isinstance(self.current, HashedFile):
            self.current.complete()
        elif self.current is not None:
            self.fields.appendlist(self.name, self.current.decode(self.encoding, "replace"))

    def check_file_limit(self) -> None:
        if self.file_bytes > settings.UPLOAD_MAX_FORM_BYTES:
            raise RequestDataTooBig(describe_form_limit())

    def check_field_limits(self) -> None:
        if self.field_bytes > MAX_FIELD_BYTES or self.field_count > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise RequestDataTooBig(
                f"A form can contain {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields and "
                f"{format_size(MAX_FIELD_BYTES)} of text. This one contained more, so nothing was saved."
            )

    def close_files(self) -> None:
        for _, files in self.files.lists():
            for file in files:
                file.close()


def describe_form_limit() -> str:
    return (
        f"The files of one form can have {format_size(settings.UPLOAD_MAX_FORM_BYTES)} together. These have more, so "
        "nothing was saved. Upload fewer at once."
    )
