"""Verifies that the URLs of a response belong to the files that were sent.

The order of a response is not documented. So each new URL is compared with its file: length, type, first and last
bytes. If they differ, the contents are fetched, and every URL goes to the file whose hash it has.
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
from assets.links.compare import check_link, read_sample, sample_starts
from assets.models import LinkStatus, State, StoredFile, UploadRequest

logger = logging.getLogger(__name__)

# The pause before each attempt, since a URL may not be reachable at once.
PAUSES = [timedelta(seconds=seconds) for seconds in (0, 5, 30, 300, 3600)]
MAX_UNREACHABLE = 3  # in a row
REORDERED = "The URLs were not in the order of the files. They were matched by content."


def plan_verification(request_id: UUID, attempt: int = 0) -> None:
    """Have the URLs of a request verified, after a pause that grows with the attempts."""
    at = timezone.now() + PAUSES[attempt]
    verify.using(run_after=at).enqueue(str(request_id), attempt + 1)


@task(queue_name="links")
def verify(request_id: str, attempt: int) -> None:
    request = UploadRequest.objects.filter(pk=request_id).first()
    is_last = attempt == len(PAUSES)
    if request and verify_request(request, is_last=is_last) and not is_last:
        plan_verification(request.pk, attempt)


def verify_request(request: UploadRequest, *, is_last: bool = False) -> bool:
    """Verify the URLs of a request and record the results. Returns whether another attempt is needed.

    On the last attempt, the results are recorded as they are.
    """
    files = list(request.files.filter(state=State.STORED).exclude(link_status=LinkStatus.VERIFIED))
    results = _check_links(files)
    # A broken link may not be there yet: a host takes a moment to have a new file everywhere.
    is_retry_needed = any(result in (LinkStatus.UNREACHABLE, LinkStatus.BROKEN) for result in results.values())
    is_final = is_last or not is_retry_needed
    if is_final and LinkStatus.CHANGED in results.values():
        results |= _match_by_content(request, [file for file in files if results[file] != LinkStatus.VERIFIED])
    for file, result in results.items():
        if is_final or result != LinkStatus.CHANGED:
            _record(file, result)
    return is_retry_needed


def _check_links(files: Sequence[StoredFile]) -> dict[StoredFile, LinkStatus]:
    lookalikes = _find_lookalikes(files)
    results: dict[StoredFile, LinkStatus] = {}
    for file in files:
        # An unavailable host is not asked for every file.
        if list(results.values())[-MAX_UNREACHABLE:] == [LinkStatus.UNREACHABLE] * MAX_UNREACHABLE:
            results[file] = LinkStatus.UNREACHABLE
        else:
            results[file] = check_link(file, whole=file in lookalikes or not originals.is_here(file))
    return results


def _find_lookalikes(files: Sequence[StoredFile]) -> set[StoredFile]:
    """Files that have the same length and ends as another one of the same request."""
    by_ends: dict[object, list[StoredFile]] = {}
    for file in files:
        ends = tuple(read_sample(file, start) for start in sample_starts(file)) if originals.is_here(file) else None
        by_ends.setdefault((file.size, ends), []).append(file)
    return {file for group in by_ends.values() if len(group) > 1 for file in group}


def _match_by_content(request: UploadRequest, files: Sequence[StoredFile]) -> dict[StoredFile, LinkStatus]:
    """Give each URL to the file whose content it has, and the others to the remaining files. Returns their results."""
    contents = {file.url: _fetch_content(file.url, max(file.size for file in files)) for file in files}
    urls = {file: url for file in files for url, content in contents.items() if content == file.sha256}
    unused = [file.url for file in files if file.url not in urls.values()]
    # An unmatched file keeps its URL or gets one that no other file has, so that no URL is lost.
    unmatched = [file for file in files if file not in urls]
    urls |= {file: file.url for file in unmatched if file.url in unused}
    unused = [url for url in unused if url not in urls.values()]
    urls |= dict(zip((file for file in unmatched if file not in urls), unused, strict=True))
    moved = {file: url for file, url in urls.items() if url != file.url}
    _change_urls(request, moved)
    return {file: _compare(contents[file.url], file) for file in files if file in moved or file in unmatched}


def _fetch_content(url: str, max_bytes: int) -> str | LinkStatus:
    """The hash of what a URL serves, or why there is none."""
    try:
        return fetch.fetch_sha256(url, max_bytes=max_bytes)
    except fetch.GoneError:
        return LinkStatus.BROKEN
    except fetch.UnreachableError:
        return LinkStatus.UNREACHABLE


def _compare(content: str | LinkStatus, file: StoredFile) -> LinkStatus:
    if isinstance(content, LinkStatus):
        return content
    return LinkStatus.VERIFIED if content == file.sha256 else LinkStatus.CHANGED


@transaction.atomic
def _change_urls(request: UploadRequest, urls: dict[StoredFile, str]) -> None:
    for file, url in urls.items():
        if StoredFile.objects.filter(pk=file.pk, url=file.url).change_url(url):
            record_changes([(file, {"url": (file.url, url)})], actor="verification")
        file.url = url
    if urls:
        UploadRequest.objects.filter(pk=request.pk).update(message=REORDERED)
        logger.warning("Request %s: %s", request.pk, REORDERED)


def _record(file: StoredFile, result: LinkStatus) -> None:
    now = timezone.now()
    check = policy.apply_first_result(result, now)
    if StoredFile.objects.filter(pk=file.pk, url=file.url).record_link_check(check, now):
        file.link_status = result
        originals.drop_if_done(file)
