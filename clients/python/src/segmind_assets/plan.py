"""Which files go together, and which alone."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from segmind_assets.outcomes import Details, Outcome

SMALL_BYTES = 1_000_000
# Of one batch. The library takes more, but several are to be on their way at once, and none should take long.
MAX_FILES, MAX_BYTES = 50, 8_000_000


class Sender(Protocol):
    def try_upload(self, path: Path, details: Details) -> Outcome: ...

    def try_upload_batch(self, paths: list[Path], details: Details) -> list[Outcome]: ...


class Plan:
    """Hands files over to threads: small ones in batches, unless each gets a title."""

    def __init__(self, pool: ThreadPoolExecutor, sender: Sender, details: Details) -> None:
        self._pool, self._sender, self._details = pool, sender, details
        self._batch: dict[Path, Future[Outcome]] = {}
        self._bytes = 0

    def add(self, path: Path) -> "Future[Outcome]":
        size = _find_size(path)
        # Of a path that is named twice, the second may find what the first has brought.
        if size > SMALL_BYTES or self._details.title or path in self._batch:
            return self._pool.submit(self._sender.try_upload, path, self._details)
        if len(self._batch) >= MAX_FILES or self._bytes + size > MAX_BYTES:
            self.begin_all()
        self._bytes += size
        return self._batch.setdefault(path, Future())

    def begin(self, future: "Future[Outcome]") -> None:
        """To be called before waiting for it."""
        if future in self._batch.values():
            self.begin_all()

    def begin_all(self) -> None:
        if self._batch:
            self._pool.submit(self._upload, self._batch)
        self._batch, self._bytes = {}, 0

    def _upload(self, batch: "dict[Path, Future[Outcome]]") -> None:
        try:
            for outcome in self._sender.try_upload_batch(list(batch), self._details):
                batch[outcome.path].set_result(outcome)
        except BaseException as error:
            for future in batch.values():
                if not future.done():
                    future.set_exception(error)


def _find_size(path: Path) -> int:
    """0 where that cannot be said: it will be, once the file is read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
