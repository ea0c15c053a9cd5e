"""The commands of docs/backup-and-restore.md, as they are written: backups of a library in use, restored elsewhere."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from assets.models import Asset
from tests.support.databases import empty_database
from tests.support.factories import an_asset
from tests.transfer.archives import create_library
from tests.worker.test_worker import database_url

TOOLS = ["rsync", "sqlite3"] if connection.vendor == "sqlite" else ["rsync", "pg_dump", "pg_restore"]
MISSING = [tool for tool in TOOLS if not shutil.which(tool)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(MISSING) and "REQUIRE_ALL_TESTS" not in os.environ, reason=f"needs {', '.join(MISSING)}"),
]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/backup-and-restore.md").read_text()
SECTION = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]


def read_commands(section: str) -> list[str]:
    """The blocks of commands in a section of the page."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


class Place:
    """A folder with a library in `var/`, as on a server of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        own = {"DJANGO_SETTINGS_MODULE": "segmind_site.settings", "DATABASE_URL": database}
        self.environment = {**os.environ, **own, "MEDIA_ROOT": str(folder / "var/media")}

    def run(self, *command: str | Path, folder: Path | None = None) -> str:
        done = subprocess.run(
            command, cwd=folder or self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, block: str) -> None:
        self.run("bash", "-euc", block)

    def manage(self, *arguments: str | Path) -> str:
        return self.run(sys.executable, "manage.py", *arguments, folder=ROOT)

    def count_assets(self) -> int:
        code = "from assets.models import Asset; print(Asset.objects.count())"
        return int(self.manage("shell", "--no-imports", "-c", code))


@pytest.fixture
def server(tmp_path, move_to) -> Place:
    """This test's own library, with its connections open."""
    move_to("server/var/media")
    create_library()
    if connection.vendor == "sqlite":
        (tmp_path / "server/var/library.sqlite3").symlink_to(connection.settings_dict["NAME"])
    return Place(tmp_path / "server", database_url())


@pytest.fixture
def other_server(tmp_path) -> Iterator[Place]:
    """Nothing but an empty database."""
    folder = tmp_path / "other"
    (folder / "var").mkdir(parents=True)
    with empty_database(folder / "var") as url:
        yield Place(folder, url)


def test_a_backup_of_database_and_files_is_a_whole_library_again(server, other_server):
    backup, restore, *_ = read_commands(SECTION)
    server.shell(backup)
    (server.folder / "backup").rename(other_server.folder / "backup")
    other_server.shell(restore)
    other_server.manage("migrate", "--verbosity", "0")
    assert "No problems found" in other_server.manage("check_library", "--hashes")
    assert other_server.count_assets() == Asset.objects.count()


def test_a_file_uploaded_between_database_and_files_is_found_in_the_restored_library(server, other_server):
    backup, restore, *_ = read_commands(SECTION)
    database, files = backup.split("rsync")
    server.shell(database)
    late = an_asset().stored_file
    server.shell(f"rsync{files}")
    (server.folder / "backup").rename(other_server.folder / "backup")
    other_server.shell(restore)
    for folder, _, names in os.walk(other_server.folder / "var/media"):
        for name in names:
            os.utime(Path(folder, name), (1, 1))  # older than any upload that may still be running
    report = other_server.manage("check_library", "--repair")
    assert f"original without a row: {late.original.name}" in report
    assert "No problems found" in other_server.manage("check_library", "--hashes")
    assert list((other_server.folder / "var/media/quarantine").rglob(f"*{late.sha256}*"))


def test_an_archive_is_a_whole_library_again(server, other_server):
    server.manage("export_library", server.folder / "library.tar", "--originals")
    other_server.manage("migrate", "--verbosity", "0")
    other_server.manage("import_library", server.folder / "library.tar")
    assert "No problems found" in other_server.manage("check_library", "--hashes")
    assert other_server.count_assets() == Asset.objects.count()
