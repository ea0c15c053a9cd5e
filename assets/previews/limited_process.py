"""Runs whatever decodes a stranger's file: in a process of its own, with hard limits and nothing to leak or to break.

It has no environment, no file but the one original, already open, and (where the kernel allows it) no network and no
view of other files and processes. Its answer is treated as if the uploader had written it.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from django.conf import settings

from assets.previews.confinement.privileges import forbid_inspection

logger = logging.getLogger(__name__)

# At once, in one web or worker process, whatever its number of threads.
MAX_PROCESSES = 2
# The process ends itself long before, unless something kept it from doing so.
WALL_TIME_FACTOR = 8  # of the CPU time
MAX_LOGGED_BYTES = 4000
# Its arguments are those of run(), and the module search path.
_CODE = (
    "import os, sys; work, media_type, cpu_seconds, memory, *sys.path = sys.argv[1:]; "
    "from assets.previews.makers.process import run; "
    # Everything is written; a second attempt at the end of a process would hide the status.
    "os._exit(run(work, media_type, int(cpu_seconds), int(memory)))"
)
_slots = threading.BoundedSemaphore(MAX_PROCESSES)


Facts = dict[str, Any]


class BusyError(Exception):
    """All processes are taken."""


class Answer(NamedTuple):
    """What the process wrote (no facts if it wrote no sense), and the signal that ended it if one did."""

    facts: Facts
    data: bytes
    signal: int


def run(work: str, file: IO[bytes], media_type: str, *, patience: float | None = None) -> Answer:
    """Do some work of `makers.process` on an open file.

    Raises OSError if the disk is full or fails. With `patience`, raises BusyError if no process is free after so many
    seconds, and the work may take no longer by the clock.
    """
    wall_time = patience or WALL_TIME_FACTOR * settings.PREVIEW_CPU_SECONDS
    folder = settings.FILE_UPLOAD_TEMP_DIR
    with _slot(patience), TemporaryFile(dir=folder) as output, TemporaryFile(dir=folder) as errors:
        status = _run_process(_command(work, media_type), file, output, errors, wall_time)
        if status:
            errors.seek(0)
            logger.debug("%s", errors.read(MAX_LOGGED_BYTES).decode(errors="replace").strip())
        if status == os.EX_IOERR:  # says nothing about the file
            raise OSError("The disk is full, or could not be read, while a file was decoded.")
        output.seek(0)
        return Answer(_parse_facts(output.readline()), output.read(), max(0, -status))


def find_gaps() -> list[str]:
    """What the process could still reach on this machine, which should be nothing: see `confinement`."""
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as nothing:
        answer = run("probe", nothing, "image/png")
    return [str(gap) for gap in answer.facts.get("gaps", ["anything"])]


@contextmanager
def _slot(patience: float | None) -> Iterator[None]:
    if not _slots.acquire(timeout=patience):
        raise BusyError
    try:
        yield
    finally:
        _slots.release()


def _command(work: str, media_type: str) -> list[str]:
    limits = [str(settings.PREVIEW_CPU_SECONDS), str(settings.PREVIEW_MEMORY_BYTES)]
    # Without `site`, which takes longer to start than most images take.
    python = [sys.executable, "-I", "-S", "-B", "-c", _CODE]
    return [*python, work, media_type, *limits, str(settings.BASE_DIR), *filter(None, sys.path)]


def _run_process(command: list[str], file: IO[bytes], output: IO[bytes], errors: IO[bytes], wall_time: float) -> int:
    """Run the process to its end. Returns its exit status; negative is the signal that ended it."""
    forbid_inspection()
    process = subprocess.Popen(
        command, stdin=file, stdout=output, stderr=errors, env={}, cwd="/", start_new_session=True
    )
    try:
        return process.wait(wall_time)
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM
    finally:
        if process.returncode is None:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _parse_facts(line: bytes) -> Facts:
    try:
        facts = json.loads(line)
    except (RecursionError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
