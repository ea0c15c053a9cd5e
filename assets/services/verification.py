"""Whether the URLs that Segmind answered are those of the files that were sent.

The order of an answer is nowhere documented. So each new URL is compared with its file: length, type, first and last
bytes. Where they do not fit, the contents are fetched and every URL goes to the file whose hash it has.
"""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from assets.models import LinkStatus, State, StoredFile, UploadRequest
from assets.services import history, link_rules, links, originals

logger = logging.getLogger(__name__)

SAMPLE = 4096  # bytes compared at either end
MOST_UNREACHABLE = 3  # in a row


def verify(request: UploadRequest, *, is_last: bool = False) -> bool:
    """Verify what a request has brought, and note it; whether it should be asked about again later.

    `is_last`: it will not be, so that what can be told now has to do.
    """
    files = list(request.files.filter(state=State.STORED).exclude(link_status=LinkStatus.VERIFIED))
    alike = _alike(files)
    found: dict[StoredFile, LinkStatus] = {}
    for file in files:
        # A host that is away is not asked for every file.
        away = list(found.values())[-MOST_UNREACHABLE:] == [LinkStatus.UNREACHABLE] * MOST_UNREACHABLE
        found[file] = (
            LinkStatus.UNREACHABLE if away else check(file, whole=file in alike or not originals.is_here(file))
        )
    # Gone now can be not there yet: a host takes a moment to have a new file everywhere.
    again = any(status in (LinkStatus.UNREACHABLE, LinkStatus.BROKEN) for status in found.values())
    if LinkStatus.CHANGED in found.values() and (is_last or not again):
        found |= _matched_by_content(request, [file for file in files if found[file] != LinkStatus.VERIFIED])
    for file, status in found.items():
        if status != LinkStatus.CHANGED or is_last or not again:
            _note(file, status)
    return again


def _alike(files: Sequence[StoredFile]) -> set[StoredFile]:
    """Files that their length and ends do not tell from another one of the same request."""
    by_ends: dict[object, list[StoredFile]] = {}
    for file in files:
        ends = tuple(_sample(file, start) for start in _starts(file)) if originals.is_here(file) else None
        by_ends.setdefault((file.size, ends), []).append(file)
    return {file for group in by_ends.values() if len(group) > 1 for file in group}


def check(file: StoredFile, *, whole: bool = False) -> LinkStatus:
    """What the URL of a stored file leads to, compared with the file at both ends, or as a `whole`."""
    try:
        return LinkStatus.VERIFIED if compare(file, whole=whole) else LinkStatus.CHANGED
    except links.GoneError:
        return LinkStatus.BROKEN
    except links.UnreachableError:
        return LinkStatus.UNREACHABLE


def compare(file: StoredFile, *, whole: bool = False, pace: Callable[[], None] = links.at_once) -> bool:
    """Whether what its host states and serves is this file: length, type, and the content at both ends or as a `whole`.

    Where there is no original to compare with, that the beginning is served has to do for the ends.

    Raises links.GoneError or links.UnreachableError.
    """
    stated = links.facts(file.url, pace=pace)
    if stated.size is not None and stated.size != file.size:
        return False
    if stated.media_type and not _same_type(stated.media_type, file.media_type):
        return False
    if whole:
        return links.digest(file.url, most_bytes=file.size) == file.sha256
    if not originals.is_here(file):
        first = links.part(file.url, 0, SAMPLE, pace=pace)
        return first is not None and len(first) == min(SAMPLE, file.size)
    return all(_fits(file, start, pace) for start in _starts(file))


def _same_type(stated: str, own: str) -> bool:
    """Hosts name formats in their own ways; that a picture is a picture is what can be asked of them."""
    return stated == "application/octet-stream" or stated.partition("/")[0] == own.partition("/")[0]


def _starts(file: StoredFile) -> list[int]:
    """Where the samples of a file begin: at its first byte, and where the last ones are."""
    return sorted({0, max(0, file.size - SAMPLE)})


def _fits(file: StoredFile, start: int, pace: Callable[[], None]) -> bool:
    sample = _sample(file, start)
    received = links.part(file.url, start, len(sample), pace=pace)
    # None: this host sends only whole files. Their beginning has been compared.
    return received is None or received == sample


def _sample(file: StoredFile, start: int) -> bytes:
    with file.original.storage.open(str(file.original.name)) as original:
        original.seek(start)
        return original.read(SAMPLE)


def _matched_by_content(request: UploadRequest, files: Sequence[StoredFile]) -> dict[StoredFile, LinkStatus]:
    """Give each URL to the file whose content it has, and every URL to some file; the files' status after that."""
    contents = {file.url: _content_at(file.url, max(file.size for file in files)) for file in files}
    urls = {file: url for file in files for url, content in contents.items() if content == file.sha256}
    left = [file.url for file in files if file.url not in urls.values()]
    # A file that was not found keeps its URL, or gets one that nobody else has, so that none is lost.
    unmatched = [file for file in files if file not in urls]
    urls |= {file: file.url for file in unmatched if file.url in left}
    left = [url for url in left if url not in urls.values()]
    urls |= dict(zip((file for file in unmatched if file not in urls), left, strict=True))
    moved = {file: url for file, url in urls.items() if url != file.url}
    _reassign(request, moved)
    return {file: _status_of(contents[file.url], file) for file in files if file in moved or file in unmatched}


def _content_at(url: str, most_bytes: int) -> str | LinkStatus:
    """The hash of what a URL leads to, or why there is none."""
    try:
        return links.digest(url, most_bytes=most_bytes)
    except links.GoneError:
        return LinkStatus.BROKEN
    except links.UnreachableError:
        return LinkStatus.UNREACHABLE


def _status_of(content: str | LinkStatus, file: StoredFile) -> LinkStatus:
    if isinstance(content, LinkStatus):
        return content
    return LinkStatus.VERIFIED if content == file.sha256 else LinkStatus.CHANGED


def _reassign(request: UploadRequest, urls: dict[StoredFile, str]) -> None:
    if not urls:
        return
    note = "The answer's URLs were not in the order of the files; they were matched by content."
    with transaction.atomic():
        for file, url in urls.items():
            if StoredFile.objects.filter(pk=file.pk, url=file.url).move_to(url):
                history.note([(file, {"url": (file.url, url)})], actor="verification")
            file.url = url
        UploadRequest.objects.filter(pk=request.pk).update(message=note)
    logger.warning("Request %s: %s", request.pk, note)


def _note(file: StoredFile, status: LinkStatus) -> None:
    now = timezone.now()
    look = link_rules.taken_at_its_word(file, status, now)
    if StoredFile.objects.filter(pk=file.pk, url=file.url).record_look(look, now):
        file.link_status = status
        originals.drop_if_done(file)
