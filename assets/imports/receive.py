"""Makes an asset of a file on the web."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Unpack
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError

from assets import disk
from assets.imports import fetch
from assets.models.users import User
from assets.uploads.hashed_file import HashedFile, clean_file_name
from assets.uploads.inspection import check_size
from assets.uploads.receive import Receipt, UploadMetadata, receive_upload
from assets.web.database import release_connection

# At once, in a process of the site: each keeps a thread for as long as its host likes, within limits.
MAX_RUNNING = 12
_slots = threading.BoundedSemaphore(MAX_RUNNING)


def import_url(url: str, *, owner: User, **metadata: Unpack[UploadMetadata]) -> Receipt:
    """Fetch a file and receive it like an upload; the asset remembers where it came from.

    Raises ValidationError, with a code and a message for the person.
    """
    metadata["source_url"] = without_secrets(url)
    with _slot(), fetched_file(url) as file:
        return receive_upload(file, owner=owner, **metadata)


def without_secrets(url: str) -> str:
    """The URL without its query and fragment, which may be a key to the file."""
    parts = urlsplit(url.strip())
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


@contextmanager
def fetched_file(url: str) -> Iterator[HashedFile]:
    """What is at a URL, complete and open. Raises ValidationError, an UnreachableError if the host does not give it."""
    release_connection()
    with fetch.open_remote(url) as remote:
        if remote.length is not None:
            check_size(remote.length)
        file = HashedFile(clean_file_name(remote.name))
        try:
            _fill(file, remote.pieces())
        except BaseException:
            file.close()
            raise
    with file:
        yield file.open()


def _fill(file: HashedFile, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        file.append(piece)
        if file.is_too_large:
            check_size(file.size)
        if file.is_disk_full:
            raise disk.full_error()
    file.complete()


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(blocking=False):
        raise ValidationError("Too many files are being fetched at the moment. Try again in a minute.", code="busy")
    try:
        yield
    finally:
        _slots.release()
