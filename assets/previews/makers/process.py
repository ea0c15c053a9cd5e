"""What the limited process runs: it reads one file, which is its standard input.

Writes one line of JSON to standard output, followed by the preview's bytes if it was to make one. The exit status is
EX_IOERR if the disk is full or fails.
"""

import errno
import json
import os
import re
import resource
import signal
import sys
import traceback
from base64 import b64encode
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from assets.media.formats import format_name, maker_for
from assets.previews.confinement import confine
from assets.previews.makers import TOO_COMPLEX, NoPreviewError, UnsupportedError

# For types that the table of formats does not have.
OTHER_MAKERS = {"image": "images", "video": "posters", "audio": "waveforms"}
MAX_OUTPUT_BYTES = 4_000_000
MAX_OPEN_FILES = 32
WALL_TIME_FACTOR = 6  # of the CPU time
# Trouble of the machine, not of the file.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
# What decoders say, under whatever type of error, of their own limits and of memory that they do not get.
LIMIT_WORDS = re.compile(
    "data too large|too much memory|memory allocation|out of memory|cannot allocate|allocation failed|limit exceeded",
    re.IGNORECASE,
)
ASSETS = Path(__file__).resolve().parents[2]
# For what is loaded late: parts of the standard library and of decoders, and the fonts that a PDF does not bring.
SYSTEM_FOLDERS = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
)


def run(work: str, media_type: str, cpu_seconds: int, memory: int) -> int:
    """`work`: `preview`, `measure`, `pages`, `page 3`, or `probe`, which only reports what confine() left open."""
    _set_limits(cpu_seconds, memory)
    maker = _import_maker(media_type)
    gaps = confine([str(ASSETS), *filter(_is_apart, [*sys.path, *SYSTEM_FOLDERS])])
    if work == "probe":
        _write({"gaps": gaps})
        return 0
    try:
        return _work(work, maker, media_type, memory)
    except OSError as error:
        if error.errno in DISK_ERRORS:
            return os.EX_IOERR
        raise


def _work(work: str, maker: ModuleType, media_type: str, memory: int) -> int:
    try:
        with open(0, "rb") as file:
            _write_result(work, maker, file, media_type)
    except NoPreviewError as error:
        return _write_refusal(str(error), code=error.code)
    except UnsupportedError as error:
        reason = f"Previews of {format_name(media_type)} {error.subject} are not supported."
        return _write_refusal(reason, code=error.code)
    except MemoryError:
        reason = f"Rendering took more than the {memory // 1_000_000} MB memory limit."
        return _write_refusal(reason, code="out_of_memory")
    except Exception as error:  # decoders raise anything for malformed files
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        if LIMIT_WORDS.search(str(error)):
            return _write_refusal(TOO_COMPLEX, code="too_complex")
        return _write_refusal("The file is damaged: it cannot be read to the end.", code="damaged")
    return 0


def _write_result(work: str, maker: ModuleType, file: BinaryIO, media_type: str) -> None:
    if work == "measure":
        width, height = maker.measure(file, media_type)
        return _write({"width": width, "height": height})
    if work == "pages":
        return _write({"pages": maker.read_page_sizes(file)})
    if work.startswith("page "):
        return _write({}, maker.make_page(file, int(work.removeprefix("page "))))
    preview = maker.make(file, media_type)
    facts = preview._asdict()
    data = facts.pop("data")
    return _write(facts | {"placeholder": b64encode(preview.placeholder).decode()}, data)


def _is_apart(folder: str) -> bool:
    """Whether the library does not lie in this folder, with its data and its .env."""
    return not ASSETS.is_relative_to(Path(folder).resolve())


def _import_maker(media_type: str) -> ModuleType:
    """Imports only the maker that is needed: starting takes longer than most images."""
    name = maker_for(media_type) or OTHER_MAKERS.get(media_type.partition("/")[0], "pdf")
    return import_module(f"assets.previews.makers.{name}")


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


def _write_refusal(reason: str, *, code: str = "") -> int:
    traceback.print_exc()
    _write({"reason": reason, "code": code})
    return 1


def _write(facts: dict[str, object], data: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)
    sys.stdout.buffer.flush()
