"""A process that tries files, as its parent sees it: see `child` for what it runs."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import IO, Self, cast

from django.conf import settings

from assets.trial.attempt import Result
from assets.trial.folder import Entry

# No file may take longer; the limits on its size, and on time in the limited processes, end it long before.
MAX_SECONDS = 900
# Of the environment, besides the settings below. Neither .env nor anything else of the real library is seen.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_KEPT_SETTINGS = ("UPLOAD_MAX_FILE_BYTES", "PREVIEW_CPU_SECONDS", "PREVIEW_MEMORY_BYTES", "DISK_RESERVE_BYTES")


class TrialError(Exception):
    """The process that tries files does not start."""


class TrialProcess:
    """Tries one file after the other, in its own library, and is started again if one of them ended it."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self._home = home
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def started(self) -> Self:
        """The process itself, once it is ready."""
        self._process = self._process or self._start()
        return self

    def try_file(self, entry: Entry) -> Result:
        if line := self.started()._ask(json.dumps([str(entry.path), entry.name])):
            return Result(**json.loads(line))
        return Result(entry.name, "failed", words=f"The process that received it ended with {self._end()}.")

    def _ask(self, question: str) -> str:
        """The answer, empty if the process has ended."""
        process = cast("subprocess.Popen[str]", self._process)
        limit = Timer(MAX_SECONDS, process.kill)
        limit.start()
        try:
            print(question, file=process.stdin, flush=True)
            return cast("IO[str]", process.stdout).readline()
        except BrokenPipeError:
            return ""
        finally:
            limit.cancel()

    def _end(self) -> int:
        """Its status; negative is the signal that ended it."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.communicate()
        return process.returncode

    def _start(self) -> "subprocess.Popen[str]":
        with (self._home / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "assets.trial.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=settings.BASE_DIR,
                env=_environment(self._home),
                start_new_session=True,
            )
        if not cast("IO[str]", process.stdout).readline():
            process.communicate()
            last_line = (self._home / "log").read_text(errors="replace").strip().rpartition("\n")[2]
            raise TrialError(f"The process that tries files does not start: {last_line}")
        return process


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    limits = {name: str(getattr(settings, name)) for name in _KEPT_SETTINGS}
    return {
        **kept,
        **limits,
        "UPLOAD_MEDIA_TYPES": ",".join(settings.UPLOAD_MEDIA_TYPES),
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SEGMIND_API_KEY": "none",  # nothing is sent
        "DATABASE_URL": f"sqlite:///{home / 'library.sqlite3'}",
        "MEDIA_ROOT": str(home / "media"),
    }
