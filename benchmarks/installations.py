"""The programs that are measured, each with a database: this library, that of another checkout, Wagtail's images, and
the floor, which is the least that a signed-in page of Django's can cost.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LIBRARY, BEFORE, WAGTAIL, FLOOR = "library", "before", "wagtail", "floor"
PASSWORD = "only-for-benchmarks"
COMMON_ENVIRONMENT = {"SECRET_KEY": "only-for-benchmarks-but-long-enough", "BENCH_PASSWORD": PASSWORD}
HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installation:
    """A program with so many assets in a database. `server` is a PostgreSQL address; empty: SQLite. `code` is the
    checkout whose modules run.
    """

    program: str
    size: int
    folder: Path
    server: str = ""
    code: Path = HERE

    @property
    def name(self) -> str:
        return f"{self.program}_{self.size}"

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.server else "SQLite"

    @property
    def is_library(self) -> bool:
        return self.program in (LIBRARY, BEFORE)

    @property
    def environment(self) -> dict[str, str]:
        """What makes the program's settings those of production, with this database."""
        name = f"{LIBRARY}_{self.size}" if self.program == FLOOR else self.name
        url = f"{self.server}_{name}" if self.server else f"sqlite:///{self.folder / name}.sqlite3"
        return {**COMMON_ENVIRONMENT, **SETTINGS[self.program](self.folder / self.program), "DATABASE_URL": url}

    def prepare(self) -> None:
        """Fill the database, unless an earlier run has left it. The floor has that of the library."""
        if self.program == FLOOR:
            return
        if not self._filled.exists():
            self._fill()
        if self.is_library:
            self.run("-m", "django", "migrate", "--verbosity", "0")
            self.run("-m", "benchmarks.administration")
            self.run("-m", "django", "collectstatic", "--no-input", "--verbosity", "0")

    def _fill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.drop()
        if self.server:
            subprocess.run(["createdb", *self._postgres_arguments()], check=True)
        self.run("-m", FILLERS[self.program], str(self.size))
        self._filled.touch()

    def drop(self) -> None:
        if self.program == FLOOR:
            return
        self._filled.unlink(missing_ok=True)
        if self.server:
            command = ["dropdb", "--if-exists", *self._postgres_arguments()]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        for path in self.folder.glob(f"{self.name}.sqlite3*"):
            path.unlink()

    def run(self, *arguments: str) -> str:
        """What a Python program prints that is run with the settings and the code of this installation."""
        command, environment = [sys.executable, *arguments], {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=self.code, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    @property
    def _filled(self) -> Path:
        return self.folder / f"{self.name}.{self.database}.filled"

    def _postgres_arguments(self) -> list[str]:
        parts = urlsplit(self.server)
        options = {"--host": parts.hostname, "--port": parts.port, "--username": parts.username}
        given = [f"{option}={value}" for option, value in options.items() if value]
        return [*given, f"{parts.path.lstrip('/')}_{self.name}"]


def _library_settings(folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "false",
        "SECURE_SSL_REDIRECT": "false",
        "SEGMIND_API_KEY": f"SG_{1:016x}",
        "MEDIA_ROOT": str(folder / "media"),
        "LOG_LEVEL": "WARNING",
    }


def _floor_settings(folder: Path) -> dict[str, str]:
    return _library_settings(folder) | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor.settings"}


def _wagtail_settings(folder: Path) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "benchmarks.wagtail_peer.settings", "PEER_FOLDER": str(folder)}


SETTINGS = {
    LIBRARY: _library_settings,
    BEFORE: _library_settings,
    FLOOR: _floor_settings,
    WAGTAIL: _wagtail_settings,
}
FILLERS = {
    LIBRARY: "benchmarks.generator",
    BEFORE: "benchmarks.generator",
    WAGTAIL: "benchmarks.wagtail_peer.fill",
}
