"""Whether a URL leads to the file that is stored under it."""

from collections.abc import Callable

from assets import originals
from assets.links import fetch
from assets.models import LinkStatus, StoredFile

SAMPLE = 4096  # bytes compared at either end


def check(file: StoredFile, *, whole: bool = False) -> LinkStatus:
    """What the URL of a stored file leads to, compared with the file at both ends, or as a `whole`."""
    try:
        return LinkStatus.VERIFIED if compare(file, whole=whole) else LinkStatus.CHANGED
    except fetch.GoneError:
        return LinkStatus.BROKEN
    except fetch.UnreachableError:
        return LinkStatus.UNREACHABLE


def compare(file: StoredFile, *, whole: bool = False, pace: Callable[[], None] = fetch.at_once) -> bool:
    """Whether what its host states and serves is this file: length, type, and the content at both ends or as a `whole`.

    Where there is no original to compare with, that the beginning is served has to do for the ends.

    Raises links.GoneError or links.UnreachableError.
    """
    stated = fetch.facts(file.url, pace=pace)
    if stated.size is not None and stated.size != file.size:
        return False
    if stated.media_type and not _same_type(stated.media_type, file.media_type):
        return False
    if whole:
        return fetch.digest(file.url, max_bytes=file.size) == file.sha256
    if not originals.is_here(file):
        first = fetch.part(file.url, 0, SAMPLE, pace=pace)
        return first is not None and len(first) == min(SAMPLE, file.size)
    return all(_fits(file, start, pace) for start in sample_starts(file))


def _same_type(stated: str, own: str) -> bool:
    """Hosts name formats in their own ways; that a picture is a picture is what can be asked of them."""
    return stated == "application/octet-stream" or stated.partition("/")[0] == own.partition("/")[0]


def sample_starts(file: StoredFile) -> list[int]:
    """Where the samples of a file begin: at its first byte, and where the last ones are."""
    return sorted({0, max(0, file.size - SAMPLE)})


def _fits(file: StoredFile, start: int, pace: Callable[[], None]) -> bool:
    sample = read_sample(file, start)
    received = fetch.part(file.url, start, len(sample), pace=pace)
    # None: this host sends only whole files. Their beginning has been compared.
    return received is None or received == sample


def read_sample(file: StoredFile, start: int) -> bytes:
    with file.original.storage.open(str(file.original.name)) as original:
        original.seek(start)
        return original.read(SAMPLE)
