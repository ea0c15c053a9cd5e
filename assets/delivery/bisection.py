"""Which files may share a request, after one of them has had Segmind refuse or break those it was in.

Segmind does not say which file of a request is the bad one. So the files of such a request are sent on in halves,
apart from all others, until the bad one stands alone. All of it is read from the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.delivery import policy
from assets.models import Outcome, StoredFile, UploadRequest

# Another attempt of the same may go better.
TROUBLES = (Outcome.UNAVAILABLE, Outcome.UNKNOWN)


@dataclass(frozen=True)
class _Group:
    """Suspicious files that were last in one `request`; `is_cleared` once a bad file of it has been found.

    `is_hopeful`: only one was found so far, so that the cleared files of several requests may be good together.
    """

    request: UploadRequest
    files: tuple[StoredFile, ...]
    is_cleared: bool
    is_hopeful: bool


def free_to_travel(due: list[StoredFile]) -> list[StoredFile]:
    """Those of the due files, oldest first, that the next request may be packed from."""
    groups = _groups(due)
    if not groups:
        return _probe(due) if _is_probing() else due
    suspects = {file for group in groups for file in group.files}
    clean = [file for file in due if file not in suspects]
    # What stands alone already, and breaks its requests still, waits until nothing else does.
    together = [group for group in groups if group.request.file_count > 1]
    if clean and (not together or _was_a_suspects_turn()):
        return clean
    if not together:
        return list(groups[0].files[:1])
    unclear = [group for group in together if not group.is_cleared]
    if unclear:
        return policy.half(min(unclear, key=lambda group: group.request.file_count).files)
    hopeful = [file for group in together if group.is_hopeful for file in group.files]
    return hopeful or list(together[0].files)


def _groups(due: Sequence[StoredFile]) -> list[_Group]:
    histories: dict[object, list[UploadRequest]] = {}
    tried = [file.pk for file in due if file.attempts]
    parts = UploadRequest.files.through.objects.filter(storedfile__in=tried)
    for part in parts.select_related("uploadrequest").order_by("uploadrequest__started_at"):
        histories.setdefault(part.storedfile_id, []).append(part.uploadrequest)
    members: dict[UploadRequest, list[StoredFile]] = {}
    for file in due:
        if history := histories.get(file.pk):
            members.setdefault(history[-1], []).append(file)
    groups = (_group(files, histories[files[0].pk]) for files in members.values())
    return [group for group in groups if group is not None]


def _group(files: Sequence[StoredFile], history: Sequence[UploadRequest]) -> _Group | None:
    """The suspicion that the last request of these files has brought on them, or None."""
    last = history[-1]
    if last.outcome == Outcome.REJECTED and last.file_count > 1:
        refused = [request for request in history if request.outcome == Outcome.REJECTED]
        most_found = max(StoredFile.objects.given_up().filter(requests=request).count() for request in refused)
        is_cleared = StoredFile.objects.given_up().filter(requests=last).exists()
        return _Group(last, tuple(files), is_cleared, is_hopeful=most_found == 1)
    if _troubled_alone(history):
        return _Group(last, tuple(files), is_cleared=False, is_hopeful=False)
    return None


def _troubled_alone(history: Sequence[UploadRequest]) -> bool:
    """Again in trouble although others were stored meanwhile: then it is not their side, it is one of these files."""
    first = next((request for request in history if request.outcome in TROUBLES), None)
    last = history[-1]
    if first is None or last.outcome not in TROUBLES:
        return False
    between = UploadRequest.objects.filter(finished_at__gt=first.finished_at, finished_at__lt=last.started_at)
    return between.filter(outcome=Outcome.STORED).exists()


def _was_a_suspects_turn() -> bool:
    """Whether the last request was made of files that had been sent before: then it is the others' turn."""
    last = UploadRequest.objects.latest_first().first()
    return last is not None and last.files.filter(attempts__gt=1).exists()


def _is_probing() -> bool:
    """Whether the next request only tries if a trouble is over: one file then, and not a body of many megabytes."""
    latest = list(UploadRequest.objects.finished().order_by("-finished_at").values_list("outcome", flat=True)[:2])
    return latest[:1] == [Outcome.ACCOUNT_REFUSED] or (len(latest) == 2 and set(latest) <= set(TROUBLES))


def _probe(due: list[StoredFile]) -> list[StoredFile]:
    """The file that was tried least. Were it always the oldest, and that the culprit, nothing would go on."""
    return sorted(due, key=lambda file: file.attempts)[:1]
