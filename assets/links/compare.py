"""Compares what a URL serves with the file that is stored under it."""

from assets import originals
from assets.links import fetch
from assets.links.fetch import Throttle
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

    Without an original to compare with, it is enough that the beginning is served. Raises fetch.GoneError or
    fetch.UnreachableError.
    """
    remote = fetch.fetch_info(file.url, throttle=throttle)
    if remote.size is not None and remote.size != file.size:
        return False
    if remote.media_type and not _is_same_kind(remote.media_type, file.media_type):
        return False
    if whole:
        return fetch.fetch_sha256(file.url, max_bytes=file.size) == file.sha256
    if not originals.is_here(file):
        first = fetch.fetch_range(file.url, 0, SAMPLE_BYTES, throttle=throttle)
        return first is not None and len(first) == min(SAMPLE_BYTES, file.size)
    return all(_is_sample_served(file, start, throttle) for start in sample_starts(file))


def _is_same_kind(remote: str, stored: str) -> bool:
    """Whether two media types have the same main type. Hosts do not agree on the names of formats."""
    return remote == "application/octet-stream" or remote.partition("/")[0] == stored.partition("/")[0]


def sample_starts(file: StoredFile) -> list[int]:
    """Where the samples of a file begin: at its first byte, and SAMPLE_BYTES before its end."""
    return sorted({0, max(0, file.size - SAMPLE_BYTES)})


def _is_sample_served(file: StoredFile, start: int, throttle: Throttle | None) -> bool:
    sample = read_sample(file, start)
    received = fetch.fetch_range(file.url, start, len(sample), throttle=throttle)
    # None: this host only serves whole files, and the beginning has been compared.
    return received is None or received == sample


def read_sample(file: StoredFile, start: int) -> bytes:
    with file.original.storage.open(str(file.original.name)) as original:
        original.seek(start)
        return bytes(original.read(SAMPLE_BYTES))
