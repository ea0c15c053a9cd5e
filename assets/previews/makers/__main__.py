"""Make one preview: the arguments are a media type and two limits, the file is standard input.

Writes one line of JSON to standard output, followed by the preview's bytes. The exit status is EX_IOERR if the disk is
full or fails.
"""

import errno
import json
import os
import resource
import signal
import sys
import traceback
from base64 import b64encode
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

from assets.previews.makers import NoPreviewError

MAKERS = {"image/svg+xml": "svg", "image": "images", "video": "posters", "audio": "waveforms"}
MAX_OUTPUT_BYTES = 4_000_000
MAX_OPEN_FILES = 32
WALL_TIME_FACTOR = 6  # of the CPU time
# Trouble of the machine, not of the file.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def main(media_type: str, cpu_seconds: int, memory: int) -> int:
    _set_limits(cpu_seconds, memory)
    try:
        return _make_preview(media_type, memory)
    except OSError as error:
        if error.errno in DISK_ERRORS:
            return os.EX_IOERR
        raise


def _make_preview(media_type: str, memory: int) -> int:
    try:
        with open(0, "rb") as file:
            preview = _import_maker(media_type).make(file, media_type)
    except NoPreviewError as error:
        return _write_refusal(str(error))
    except MemoryError:
        return _write_refusal(f"Rendering took more than the {memory // 1_000_000} MB memory limit.")
    except Exception as error:  # decoders raise anything for malformed files
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        return _write_refusal("The file is damaged, or too complex for the limits on previews.")
    facts = preview._asdict()
    data = facts.pop("data")
    _write(facts | {"placeholder": b64encode(preview.placeholder).decode()}, data)
    return 0


def _import_maker(media_type: str) -> ModuleType:
    """Imports only the maker that is needed: starting takes longer than most images."""
    name = MAKERS.get(media_type) or MAKERS.get(media_type.partition("/")[0], "pdf")
    return import_module(f".{name}", __package__)


def _set_limits(cpu_seconds: int, memory: int) -> None:
    os.nice(5)  # after the machine's other work
    # For a process that waits instead of working, and whose parent is gone.
    signal.alarm(WALL_TIME_FACTOR * cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS has no limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        # If the machine still runs out of memory, this process is killed first.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")


def _write_refusal(reason: str) -> int:
    traceback.print_exc()
    _write({"reason": reason}, b"")
    return 1


def _write(facts: dict[str, object], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    # Everything is written; a second attempt at the end of a process would hide the status.
    os._exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
