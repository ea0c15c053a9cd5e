"""Verifies that the URLs of a response belong to the files that were sent.

The order of a response is not documented. So each new URL is compared with its file: length, type, first and last
bytes, and all of them where two files have one length. If they differ, the contents are fetched, and every URL goes to
the file whose hash it has.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets import originals
from assets.audit.log import record_changes
from assets.links import fetch, policy
from assets.links.compare import check_link
from assets.models import LinkStatus, State, StoredFile, UploadRequest
from assets.models.tasks import find_again, overdue
from assets.models.upload_requests import UploadRequestQuerySet

logger = logging.getLogger(__name__)

# The pauses between attempts: a URL may not be reachable at once. They grow with the time that it has taken so far.
FIRST_PAUSE = timedelta(seconds=5)
MAX_PAUSE = timedelta(hours=6)
# For so long a missing file may still appear; then every file has its result.
PATIENCE = timedelta(hours=1)
# Unreachable links are verified later too, and after this left to the regular checks.
MAX_AGE = timedelta(days=30)
MAX_UNREACHABLE = 3  # in a row
REORDERED = "The URLs were not in the order of the files. They were matched by content."


def plan_verification(request: UploadRequest, at: datetime) -> None:
    """Have the URLs of a request verified. To be called in the transaction that records them."""
    UploadRequest.objects.filter(pk=request.pk).update(verify_at=at)
    verify.using(run_after=at).enqueue(str(request.pk))


def find_lost_verifications(now: datetime) -> None:
    """Verify the URLs of all requests that are due and have no task for it, because it was lost or failed."""
    find_again(verify, unverified(now), "verify_at")


def unverified(now: datetime) -> UploadRequestQuerySet:
    """Requests whose URLs should have been verified by now."""
    return UploadRequest.objects.filter(overdue("verify_at", now, latest=MAX_PAUSE))


@task(queue_name="links")
def verify(request_id: str, *attempts: int) -> None:
    """Earlier versions passed the number of the attempt."""
    request = UploadRequest.objects.filter(pk=request_id).first()
    if request is None:
        return
    now = timezone.now()
    age = now - (request.finished_at or now)
    if verify_request(request, is_last=age > PATIENCE) and age < MAX_AGE:
        plan_verification(request, timezone.now() + min(max(age, FIRST_PAUSE), MAX_PAUSE))
    else:
        UploadRequest.objects.filter(pk=request.pk).update(verify_at=None)


def verify_request(request: UploadRequest, *, is_last: bool = False) -> bool:
    """Verify the URLs of a request and record the results. Returns whether another attempt is needed.

    With `is_last`, the results are recorded as they are, and only unreachable links are worth another attempt. It may
    be interrupted at any place and begun again: what is recorded as verified is right.
    """
    files = list(request.files.filter(state=State.STORED).exclude(link_status=LinkStatus.VERIFIED))
    results = _check_links(files)
    if LinkStatus.CHANGED in results.values():
        results |= _match_by_content(
            request, {file: result for file, result in results.items() if result != LinkStatus.VERIFIED}
        )
    # A broken link may not be there yet: a host takes a moment to have a new file everywhere.
    missing = {LinkStatus.UNREACHABLE} if is_last else {LinkStatus.UNREACHABLE, LinkStatus.BROKEN}
    is_retry_needed = not missing.isdisjoint(results.values())
    for file, result in results.items():
        # The URL of a changed file may be one of the missing ones.
        if is_last or not is_retry_needed or result != LinkStatus.CHANGED:
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
            results[file] = check_link(file, whole=file in lookalikes or not file.original)
    return results


def _find_lookalikes(files: Sequence[StoredFile]) -> set[StoredFile]:
    """Files that have the same length as another one of the same request.

    Their ends may be the same too, and cannot be relied on: originals may be damaged, and not every host serves ranges.
    """
    counts = Counter(file.size for file in files)
    return {file for file in files if counts[file.size] > 1}


def _match_by_content(request: UploadRequest, files: Mapping[StoredFile, LinkStatus]) -> dict[StoredFile, LinkStatus]:
    """Give each URL to the file whose content it has, and the others to the remaining files. Returns their results."""
    max_bytes = max(file.size for file in files)
    contents = {
        file.url: _fetch_content(file.url, max_bytes) if result == LinkStatus.CHANGED else result
        for file, result in files.items()
    }
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
