"""Whether the URLs that Segmind answered are those of the files that were sent.

The order of an answer is nowhere documented. So each new URL is compared with its file: length, type, first and last
bytes. Where they do not fit, the contents are fetched and every URL goes to the file whose hash it has.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets import originals
from assets.audit.log import record_changes
from assets.links import fetch, policy
from assets.links.compare import check, read_sample, sample_starts
from assets.models import LinkStatus, State, StoredFile, UploadRequest

logger = logging.getLogger(__name__)

MOST_UNREACHABLE = 3  # in a row


def verify_request(request: UploadRequest, *, is_last: bool = False) -> bool:
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
        ends = tuple(read_sample(file, start) for start in sample_starts(file)) if originals.is_here(file) else None
        by_ends.setdefault((file.size, ends), []).append(file)
    return {file for group in by_ends.values() if len(group) > 1 for file in group}


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


def _content_at(url: str, max_bytes: int) -> str | LinkStatus:
    """The hash of what a URL leads to, or why there is none."""
    try:
        return fetch.digest(url, max_bytes=max_bytes)
    except fetch.GoneError:
        return LinkStatus.BROKEN
    except fetch.UnreachableError:
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
                record_changes([(file, {"url": (file.url, url)})], actor="verification")
            file.url = url
        UploadRequest.objects.filter(pk=request.pk).update(message=note)
    logger.warning("Request %s: %s", request.pk, note)


def _note(file: StoredFile, status: LinkStatus) -> None:
    now = timezone.now()
    look = policy.taken_at_its_word(file, status, now)
    if StoredFile.objects.filter(pk=file.pk, url=file.url).record_look(look, now):
        file.link_status = status
        originals.drop_if_done(file)


# A URL that cannot be reached yet is asked again: at once, and after so long each time.
VERIFICATION_PAUSES = [timedelta(seconds=seconds) for seconds in (0, 5, 30, 300, 3600)]


@task(queue_name="links")
def verify(request_id: str, attempt: int) -> None:
    request = UploadRequest.objects.filter(pk=request_id).first()
    is_last = attempt == len(VERIFICATION_PAUSES)
    if request and verify_request(request, is_last=is_last) and not is_last:
        plan_verification(request.pk, attempt)


def plan_verification(request_id: UUID, attempt: int = 0) -> None:
    """Have the URLs of a request verified, after a pause that grows with the attempts."""
    at = timezone.now() + VERIFICATION_PAUSES[attempt]
    verify.using(run_after=at).enqueue(str(request_id), attempt + 1)
