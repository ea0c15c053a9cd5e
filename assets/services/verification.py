"""Whether the URLs that Segmind answered are those of the files that were sent.

The order of an answer is nowhere documented. So each new URL is compared with its file: length, type, first and last
bytes. Where they do not fit, the contents are fetched and every URL goes to the file whose hash it has.
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from assets.models import LinkStatus, State, StoredFile, UploadRequest
from assets.services import links, originals

logger = logging.getLogger(__name__)

SAMPLE = 4096  # bytes compared at either end
MOST_UNREACHABLE = 3  # in a row


def verify(request: UploadRequest) -> bool:
    """Verify what a request has brought, and note it; whether some URL should be asked again later."""
    files = list(request.files.filter(state=State.STORED).exclude(link_status=LinkStatus.VERIFIED))
    alike = _alike(files)
    found: dict[StoredFile, LinkStatus] = {}
    for file in files:
        # A host that is away is not asked for every file.
        away = list(found.values())[-MOST_UNREACHABLE:] == [LinkStatus.UNREACHABLE] * MOST_UNREACHABLE
        found[file] = LinkStatus.UNREACHABLE if away else check(file, whole=file in alike)
    changed = [file for file, status in found.items() if status == LinkStatus.CHANGED]
    if len(changed) > 1:
        found |= _matched_by_content(request, changed)
    for file, status in found.items():
        _note(file, status)
    return LinkStatus.UNREACHABLE in found.values()


def _alike(files: Sequence[StoredFile]) -> set[StoredFile]:
    """Files that their length and ends do not tell from another one of the same request."""
    by_ends: dict[object, list[StoredFile]] = {}
    for file in files:
        ends = tuple(_sample(file, start) for start in _starts(file)) if file.original else None
        by_ends.setdefault((file.size, ends), []).append(file)
    return {file for group in by_ends.values() if len(group) > 1 for file in group}


def check(file: StoredFile, *, whole: bool = False) -> LinkStatus:
    """What the URL of a stored file leads to, compared with the file at both ends, or as a `whole`."""
    try:
        stated = links.facts(file.url)
        if stated.size is not None and stated.size != file.size:
            return LinkStatus.CHANGED
        if stated.media_type and not _same_type(stated.media_type, file.media_type):
            return LinkStatus.CHANGED
        if whole or not file.original:
            fits = links.digest(file.url, most_bytes=file.size) == file.sha256
        else:
            fits = all(_fits(file, start) for start in _starts(file))
        return LinkStatus.VERIFIED if fits else LinkStatus.CHANGED
    except links.GoneError:
        return LinkStatus.BROKEN
    except links.UnreachableError:
        return LinkStatus.UNREACHABLE


def _same_type(stated: str, own: str) -> bool:
    """Hosts name formats in their own ways; that a picture is a picture is what can be asked of them."""
    return stated == "application/octet-stream" or stated.partition("/")[0] == own.partition("/")[0]


def _starts(file: StoredFile) -> list[int]:
    """Where the samples of a file begin: at its first byte, and where the last ones are."""
    return sorted({0, max(0, file.size - SAMPLE)})


def _fits(file: StoredFile, start: int) -> bool:
    sample = _sample(file, start)
    received = links.part(file.url, start, len(sample))
    # None: this host sends only whole files. Their beginning has been compared.
    return received is None or received == sample


def _sample(file: StoredFile, start: int) -> bytes:
    with file.original.storage.open(str(file.original.name)) as original:
        original.seek(start)
        return original.read(SAMPLE)


def _matched_by_content(request: UploadRequest, files: Sequence[StoredFile]) -> dict[StoredFile, LinkStatus]:
    """Give each URL to the file whose content it has; the status of every file after that."""
    by_hash: dict[str, str] = {}
    most = max(file.size for file in files)
    for file in files:
        try:
            by_hash[links.digest(file.url, most_bytes=most)] = file.url
        except links.GoneError:
            continue
        except links.UnreachableError:
            return dict.fromkeys(files, LinkStatus.UNREACHABLE)
    matched = {file: by_hash[file.sha256] for file in files if by_hash.get(file.sha256, file.url) != file.url}
    if matched:
        _reassign(request, matched)
    return {file: LinkStatus.VERIFIED if file in matched else LinkStatus.CHANGED for file in files}


def _reassign(request: UploadRequest, urls: dict[StoredFile, str]) -> None:
    note = "The answer's URLs were not in the order of the files; they were matched by content."
    with transaction.atomic():
        for file, url in urls.items():
            StoredFile.objects.filter(pk=file.pk, url=file.url).update(url=url)
            file.url = url
        UploadRequest.objects.filter(pk=request.pk).update(message=note)
    logger.warning("Request %s: %s", request.pk, note)


def _note(file: StoredFile, status: LinkStatus) -> None:
    same = StoredFile.objects.filter(pk=file.pk, url=file.url, state=State.STORED)
    if same.update(link_status=status, link_checked_at=timezone.now()):
        file.link_status = status
        originals.drop_if_done(file)
