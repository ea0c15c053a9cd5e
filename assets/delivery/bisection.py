"""Finds the bad file of a request that Segmind refused, or that keeps failing, by bisection.

Segmind does not say which file of a request is bad. So the files of such a request are sent again in halves, apart
from all others, until the bad one is alone. Everything is read from the requests so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.delivery import policy
from assets.models import Outcome, StoredFile, UploadRequest
from assets.models.upload_requests import TRANSIENT


@dataclass(frozen=True)
class _SuspectGroup:
    """Files whose latest `request` failed, at least one of them because of its content.

    `has_found_one`: a bad file of that request has been found. `is_probably_good`: it was the only one so far, so the
    remaining files of several requests may be good together.
    """

    request: UploadRequest
    files: tuple[StoredFile, ...]
    has_found_one: bool
    is_probably_good: bool


def select_sendable(due: list[StoredFile]) -> list[StoredFile]:
    """Those of the due files, oldest first, that may share the next request."""
    groups = _find_suspect_groups(due)
    if not groups:
        return _select_probe(due) if _is_probing() else due
    suspects = {file for group in groups for file in group.files}
    others = [file for file in due if file not in suspects]
    # A file that fails alone waits until nothing else does.
    shared = [group for group in groups if group.request.file_count > 1]
    if others and (not shared or _was_last_request_a_retry()):
        return others
    return _select_suspects(shared) if shared else list(groups[0].files[:1])


def _select_suspects(groups: Sequence[_SuspectGroup]) -> list[StoredFile]:
    unsearched = [group for group in groups if not group.has_found_one]
    if unsearched:
        return policy.first_half(min(unsearched, key=lambda group: group.request.file_count).files)
    probably_good = [file for group in groups if group.is_probably_good for file in group.files]
    return probably_good or list(groups[0].files)


def _find_suspect_groups(due: Sequence[StoredFile]) -> list[_SuspectGroup]:
    histories = _request_histories(due)
    members: dict[UploadRequest, list[StoredFile]] = {}
    for file in due:
        if history := histories.get(file.pk):
            members.setdefault(history[-1], []).append(file)
    groups = (_suspect_group(files, histories[files[0].pk]) for files in members.values())
    return [group for group in groups if group is not None]


def _request_histories(due: Sequence[StoredFile]) -> dict[object, list[UploadRequest]]:
    """The requests of each file that was tried before, oldest first, by the file's id."""
    histories: dict[object, list[UploadRequest]] = {}
    tried = [file.pk for file in due if file.attempts]
    rows = UploadRequest.files.through.objects.filter(storedfile__in=tried)
    for row in rows.select_related("uploadrequest").order_by("uploadrequest__started_at"):
        histories.setdefault(row.storedfile_id, []).append(row.uploadrequest)
    return histories


def _suspect_group(files: Sequence[StoredFile], history: Sequence[UploadRequest]) -> _SuspectGroup | None:
    last = history[-1]
    if last.was_rejected_by_segmind and last.file_count > 1:
        rejected = [request for request in history if request.was_rejected_by_segmind]
        return _SuspectGroup(
            last,
            tuple(files),
            has_found_one=_count_failed(last) > 0,
            is_probably_good=max(map(_count_failed, rejected)) == 1,
        )
    if _has_failed_apart_from_others(history):
        return _SuspectGroup(last, tuple(files), has_found_one=False, is_probably_good=False)
    return None


def _count_failed(request: UploadRequest) -> int:
    return StoredFile.objects.given_up().filter(requests=request).count()


def _has_failed_apart_from_others(history: Sequence[UploadRequest]) -> bool:
    """Whether requests failed repeatedly while others succeeded: then one of these files is at fault, not Segmind."""
    first = next((request for request in history if request.outcome in TRANSIENT), None)
    last = history[-1]
    if first is None or last.outcome not in TRANSIENT:
        return False
    between = UploadRequest.objects.filter(finished_at__gt=first.finished_at, finished_at__lt=last.started_at)
    return between.filter(outcome=Outcome.STORED).exists()


def _was_last_request_a_retry() -> bool:
    """Whether it sent files again, so that it is the turn of the others."""
    last = UploadRequest.objects.latest_first().first()
    return last is not None and last.files.filter(attempts__gt=1).exists()


def _is_probing() -> bool:
    """Whether the next request only tests if a problem is over: with one file instead of many megabytes."""
    outcomes = UploadRequest.objects.finished().order_by("-finished_at").values_list("outcome", flat=True)
    match list(outcomes[:2]):
        case [Outcome.ACCOUNT_REFUSED, *_]:
            return True
        case [last, previous]:
            return last in TRANSIENT and previous in TRANSIENT
    return False


def _select_probe(due: list[StoredFile]) -> list[StoredFile]:
    """The file with the fewest attempts. If the oldest were at fault and always chosen, the queue would stand still."""
    return sorted(due, key=lambda file: file.attempts)[:1]
