"""Make one preview: a media type and two limits as arguments, the file as standard input.

The answer on standard output is one line of JSON, and after it the preview's bytes.
"""

import json
import os
import resource
import signal
import sys
import traceback
from base64 import b64encode
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from assets.previews.makers import NoPreviewError

MAKERS = {"image/svg+xml": "drawings", "image": "pictures", "video": "posters", "audio": "waveforms"}
MOST_ANSWER_BYTES = 4_000_000
MOST_OPEN_FILES = 32
PATIENCE = 6  # times the CPU time that it may take, by the clock


def main(media_type: str, cpu_seconds: int, memory: int) -> int:
    _limit(cpu_seconds, memory)
    try:
        with open(0, "rb") as file:
            preview = _maker(media_type).make(file, media_type)
    except NoPreviewError as error:
        return _refused(str(error))
    except MemoryError:
        return _refused(f"Reading it takes more than the {memory // 1_000_000} MB of memory that it may.")
    except Exception:  # decoders raise whatever their format's mistakes lead to
        return _refused("It is damaged, or cannot be read within the limits that are set here.")
    facts = preview._replace(data="", placeholder=b64encode(preview.placeholder).decode())  # type: ignore[arg-type]
    _answer(facts._asdict(), preview.data)
    return 0


def _maker(media_type: str) -> ModuleType:
    """Imported only where it is needed: starting takes longer than most pictures."""
    name = MAKERS.get(media_type) or MAKERS.get(media_type.partition("/")[0], "documents")
    return import_module(f".{name}", __package__)


def _limit(cpu_seconds: int, memory: int) -> None:
    # For one that waits instead of working, and where the parent is gone. Other work of the machine goes first.
    os.nice(5)
    signal.alarm(PATIENCE * cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_ANSWER_BYTES, MOST_ANSWER_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN_FILES, MOST_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS does not know the limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        # Should the machine run out of memory all the same, this process goes first.
        with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:  # noqa: PTH123
            score.write("1000")


def _refused(reason: str) -> int:
    traceback.print_exc()
    _answer({"reason": reason}, b"")
    return 1


def _answer(facts: dict[str, object], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
