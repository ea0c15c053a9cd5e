"""What an attempt costs: CPU seconds and memory, of this process and of those it starts.

Memory is known on Linux only.
"""

import os
import resource
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

SECONDS_BETWEEN_LOOKS = 0.004
BYTES_IN_MEGABYTE, BYTES_IN_KIBIBYTE = 1_000_000, 1024
_OWN_FOLDER = Path(f"/proc/self/task/{os.getpid()}")
_RESET_PEAK = "5"  # as clear_refs of proc(5) has it


class Usage(threading.Thread):
    """Watches from start to end. `received()` ends the part that counts as receiving.

    What the system reports of an ended process will not do for its memory: that counts what its parent had when it
    started it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.child_megabytes = self.receiving_megabytes = self.receiving_seconds = 0.0
        self._ending = threading.Event()

    @property
    def child_seconds(self) -> float:
        return round(_cpu_seconds(resource.RUSAGE_CHILDREN) - self._child_start, 3)

    def __enter__(self) -> Self:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
        self._child_start = _cpu_seconds(resource.RUSAGE_CHILDREN)
        self._start = _cpu_seconds(resource.RUSAGE_SELF)
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._ending.set()
        self.join()

    def received(self) -> None:
        self.receiving_seconds = round(_cpu_seconds(resource.RUSAGE_SELF) - self._start, 3)
        self.receiving_megabytes = _peak("self")

    def run(self) -> None:
        while not self._ending.wait(SECONDS_BETWEEN_LOOKS):
            for child in filter(_is_limited, _children()):
                self.child_megabytes = max(self.child_megabytes, _peak(child))


def _cpu_seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _children() -> list[str]:
    try:
        return (_OWN_FOLDER / "children").read_text().split()
    except OSError:
        return []


def _is_limited(process: str) -> bool:
    """Whether it runs its own code already; until then, it shares the memory of its parent."""
    try:
        return b"previews.makers" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return False


def _peak(process: str) -> float:
    """Megabytes of memory that a process has had at most; 0 if that is not known."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    kibibytes = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
    return round(kibibytes * BYTES_IN_KIBIBYTE / BYTES_IN_MEGABYTE, 1)
