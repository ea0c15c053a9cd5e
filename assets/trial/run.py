"""Try every file of a folder, a few at once. Each process has a library of its own, which is thrown away."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Self

from django.conf import settings

from assets.trial.attempt import Result
from assets.trial.folder import Entry, find_entries
from assets.trial.process import TrialProcess

LOOK_AHEAD = 4  # files for each process


class Trial:
    """So many processes, ready to try files. Raises TrialError if they do not start."""

    def __init__(self, processes: int) -> None:
        self._count = processes
        self._free: SimpleQueue[TrialProcess] = SimpleQueue()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._stack as stack:
            folder = TemporaryDirectory(prefix="trial-", dir=settings.VAR_DIR, ignore_cleanup_errors=True)
            self._home = Path(stack.enter_context(folder))
            self._threads = stack.enter_context(ThreadPoolExecutor(self._count))
            processes = [stack.enter_context(TrialProcess(self._home / str(number))) for number in range(self._count)]
            for process in self._threads.map(TrialProcess.started, processes):
                self._free.put(process)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *args: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._stack.close()

    def try_folder(self, folder: Path) -> Iterator[Result]:
        """The result of each file, in the order of find_entries()."""
        waiting: deque[Future[Result]] = deque()
        for entry in find_entries(folder, without=self._home):
            waiting.append(self._threads.submit(self._try_entry, entry))
            if len(waiting) > LOOK_AHEAD * self._count:
                yield waiting.popleft().result()
        yield from (result.result() for result in waiting)

    def _try_entry(self, entry: Entry) -> Result:
        if entry.problem:
            return Result(entry.name, "skipped", words=entry.problem)
        process = self._free.get()
        try:
            return process.try_file(entry)
        finally:
            self._free.put(process)
