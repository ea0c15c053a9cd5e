"""What the headers of the tus protocol say, and the refusals of those that say nothing."""

import base64
import binascii
import hashlib
import re
from http import HTTPStatus
from typing import Protocol

from assets.permissions import AuthHttpRequest
from assets.uploads.forms import AnnouncedFileForm

VERSION = "1.0.0"
HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
CONTENT_TYPE = "application/offset+octet-stream"
# What `Upload-Metadata` calls a field of the form, where the names differ.
FIELDS = {"filename": "file_name", "name": "file_name"}


class RefusedError(Exception):
    """What a request is answered with: a status, a stable code, and a sentence for the person."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


def check_version(request: AuthHttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        message = f"Send “Tus-Resumable: {VERSION}”, the version of the protocol that this server speaks."
        raise RefusedError(HTTPStatus.PRECONDITION_FAILED, "version", message)


def read_length(request: AuthHttpRequest) -> int:
    if "Upload-Defer-Length" in request.headers:
        raise _invalid("The length of a file has to be known from the start. Send it as Upload-Length.")
    return read_number(request, "Upload-Length", "the size of the file in bytes")


def read_number(request: AuthHttpRequest, name: str, meaning: str) -> int:
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _invalid(f"Send {name}, {meaning}, as a whole number.")
    return int(text)


def is_with_bytes(request: AuthHttpRequest) -> bool:
    return request.content_type == CONTENT_TYPE


def read_checksum(request: AuthHttpRequest) -> tuple[Hash, bytes] | None:
    header = request.headers.get("Upload-Checksum", "")
    if not header:
        return None
    name, _, encoded = header.partition(" ")
    if name not in HASHES:
        raise _invalid(f"Upload-Checksum can be of {' or '.join(HASHES)}. Send another one, or leave it out.")
    return HASHES[name](), _decode(encoded, "Upload-Checksum")


def announce(header: str, length: int) -> AnnouncedFileForm:
    """The form that the metadata fill. Raises RefusedError if it is not valid."""
    pairs = [pair.strip().partition(" ") for pair in header.split(",") if pair.strip()]
    values = {name: _decode(encoded, f"“{name}” of Upload-Metadata") for name, _, encoded in pairs}
    try:
        data = {FIELDS.get(name, name): value.decode() for name, value in values.items()}
    except UnicodeDecodeError:
        raise _invalid("The values of Upload-Metadata have to be UTF-8, encoded in base64.") from None
    form = AnnouncedFileForm({**data, "size": length, "head": ""})
    if not form.is_valid():
        errors = form.errors.as_data()
        reasons = [f"{name}: {' '.join(error.messages)}" for name, found in errors.items() for error in found]
        raise _invalid(" ".join(reasons).replace("file_name:", "filename:"))
    return form


def _decode(encoded: str, what: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise _invalid(f"{what} is not valid base64.") from None


def _invalid(message: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, "invalid", message)
