"""Uploading: asks by hash whether the library has the content, sends what it has not, several files at once."""

import base64
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from segmind_assets.answers import Asset, parse
from segmind_assets.batches import Batch, send_file
from segmind_assets.connection import Connection, LibraryError
from segmind_assets.local_file import LocalFile
from segmind_assets.outcomes import Details, Outcome, Receipt, read_receipt
from segmind_assets.parts import PART_BYTES, UploadInParts
from segmind_assets.plan import Plan
from segmind_assets.unfinished import UnfinishedUploads

HEAD_BYTES = 4096
PARALLEL, MAX_AHEAD = 8, 1000
# The file, and how many of its bytes are on their way or have arrived; all of them once it is uploaded or refused.
Progress = Callable[[Path, int], None]


class Uploader:
    """Threads may share one."""

    def __init__(self, connection: Connection, unfinished: UnfinishedUploads, progress: Progress) -> None:
        self._connection, self._unfinished, self._progress = connection, unfinished, progress

    def upload_all(self, paths: Iterable[Path], details: Details, parallel: int) -> Iterator[Outcome]:
        """In the order of the paths. However many they are, few are looked at ahead."""
        pool = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="upload")
        plan, waiting = Plan(pool, self, details), deque[Future[Outcome]]()
        try:
            for path in paths:
                waiting.append(plan.add(path))
                while waiting and (len(waiting) > MAX_AHEAD or waiting[0].done()):
                    plan.begin(waiting[0])
                    yield waiting.popleft().result()
            plan.begin_all()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def try_upload(self, path: Path, details: Details) -> Outcome:
        """A file that is refused does not stop the others."""
        try:
            outcome = Outcome.of_receipt(path, self.upload(path, details))
        except (OSError, LibraryError) as error:
            outcome = Outcome.of_error(path, error)
        return self._finish(outcome)

    def try_upload_batch(self, paths: Sequence[Path], details: Details) -> list[Outcome]:
        """Of small files, in their order."""
        return [self._finish(outcome) for outcome in Batch(self._connection, details).upload(paths)]

    def _finish(self, outcome: Outcome) -> Outcome:
        self._progress(outcome.path, outcome.asset.size if outcome.asset else 0)
        return outcome

    def upload(self, path: Path, details: Details) -> Receipt:
        """Raises LibraryError, and OSError for a file that cannot be read."""
        file = LocalFile.read(path)
        if file.size >= PART_BYTES:
            return self._send_in_parts(path, file, details)
        return self._ask(file, details) or send_file(self._connection, file, details)

    def _ask(self, file: LocalFile, details: Details) -> Receipt | None:
        """None where the bytes are needed."""
        with file.path.open("rb") as opened:
            head = base64.b64encode(opened.read(HEAD_BYTES)).decode()
        facts = {"sha256": file.sha256, "size": file.size, "file_name": file.name, "head": head}
        try:
            answer = self._connection.request("POST", "/assets/by-hash", json={**facts, **details.as_json()})
            return read_receipt(answer)
        except LibraryError as error:
            if error.code != "unknown":
                raise
        return None

    def _send_in_parts(self, path: Path, file: LocalFile, details: Details) -> Receipt:
        def progress(count: int) -> None:
            self._progress(path, count)

        upload = UploadInParts(self._connection, self._unfinished, file, details.as_fields(), progress)
        result = upload.send()
        if error := result["error"]:
            raise LibraryError(error["message"], code=error["code"])
        return Receipt(parse(Asset, result["asset"]), result["status"] == "known")
