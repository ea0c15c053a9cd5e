"""Compares what a URL serves with the file that is stored under it."""

from django.core.files.base import File

from assets import originals
from assets.links import fetch
from assets.links.fetch import Throttle
from assets.links.restore import restore_original
from assets.models import LinkStatus, StoredFile

SAMPLE_BYTES = 4096  # compared at either end


def check_link(file: StoredFile, *, whole: bool = False) -> LinkStatus:
    """Compare the two ends of a stored file, or the `whole` file, with what its URL serves."""
    try:
        return LinkStatus.VERIFIED if is_served(file, whole=whole) else LinkStatus.CHANGED
    except fetch.GoneError:
        return LinkStatus.BROKEN
    except fetch.UnreachableError:
        return LinkStatus.UNREACHABLE


def is_served(file: StoredFile, *, whole: bool = False, throttle: Throttle | None = None) -> bool:
    """Whether the URL serves this file: its length, its type, and its content at both ends or as a `whole`.

    If that differs from the original, it is the original that may be damaged: then the content is compared by its hash,
    and the original restored from it. Without an original, it is enough that the beginning is served.

    Raises fetch.GoneError or fetch.UnreachableError.
    """
    remote = fetch.fetch_info(file.url, throttle=throttle)
    if remote.size is not None and remote.size != file.size:
        return False
    if remote.media_type and not _is_same_kind(remote.media_type, file.media_type):
        return False
    if whole:
        return _is_whole_served(file, throttle)
    if not file.original:
        first = fetch.fetch_range(file.url, 0, SAMPLE_BYTES, throttle=throttle)
        return first is not None and len(first) == min(SAMPLE_BYTES, file.size)
    if _are_ends_served(file, throttle):
        return True
    return not originals.is_intact(file) and restore_original(file, throttle=throttle)


def _is_same_kind(remote: str, stored: str) -> bool:
    """Whether two media types have the same main type. Hosts do not agree on the names of formats."""
    return remote == "application/octet-stream" or remote.partition("/")[0] == stored.partition("/")[0]


def _is_whole_served(file: StoredFile, throttle: Throttle | None) -> bool:
    if file.original and not originals.is_intact(file):
        return restore_original(file, throttle=throttle)
    return fetch.fetch_sha256(file.url, max_bytes=file.size, throttle=throttle) == file.sha256


def _are_ends_served(file: StoredFile, throttle: Throttle | None) -> bool:
    ends = read_ends(file)
    return bool(ends) and all(_is_sample_served(file, *end, throttle) for end in ends.items())


def _is_sample_served(file: StoredFile, start: int, sample: bytes, throttle: Throttle | None) -> bool:
    received = fetch.fetch_range(file.url, start, len(sample), throttle=throttle)
    # None: this host only serves whole files, and the beginning has been compared.
    return received is None or received == sample


def read_ends(file: StoredFile) -> dict[int, bytes]:
    """Samples of the original by their position: at its first byte, and SAMPLE_BYTES before its end.

    Empty if it is missing, has another size or cannot be read.
    """
    try:
        with originals.open_original(file) as original:
            return {start: _read_at(original, start) for start in {0, max(0, file.size - SAMPLE_BYTES)}}
    except OSError:
        return {}


def _read_at(original: File[bytes], start: int) -> bytes:
    original.seek(start)
    return bytes(original.read(SAMPLE_BYTES))
