"""Old and new code on one database for the minutes of an upgrade, and the way back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field

from assets.models import Asset, State, StoredFile
from tests.support.databases import empty_database
from tests.support.factories import a_picture
from tests.worker.test_worker import database_url

ROOT = Path(__file__).parents[2]
SECOND_MIGRATION = next((ROOT / "assets/migrations").glob("0002_*.py"))


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def old_code(tmp_path) -> Path:
    """The latest release, or as long as there is none, the last commit with the first migration alone."""
    try:
        commit = git("tag", "--list", "v*", "--sort=-creatordate", "--merged").partition("\n")[0]
        commit = commit or git("rev-parse", f"{git('log', '--diff-filter=A', '--format=%H', '--', SECOND_MIGRATION)}^")
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the history of the repository, back to the code of the release before")
    subprocess.run(["tar", "x", "-C", tmp_path], input=archive, check=True)
    return tmp_path


USE_THE_LIBRARY = """
from pathlib import Path
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from assets.models.users import User
client = Client(HTTP_HOST="localhost")
client.force_login(User.objects.create_user("olga", role="member"))
file = SimpleUploadedFile("old.png", Path("old.png").read_bytes())
answer = client.post("/upload/", {"files": [file], "tags": "harbour"}, headers={"accept": "application/json"})
assert answer.status_code == 200, answer.content
page = answer.json()["results"][0]["asset"]["page"]
assert client.post(page, {"title": "Old town"}).status_code == 302
for path in ("/", page, "/?q=town", "/upload/", "/activity/"):
    assert client.get(path).status_code == 200, path
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_code_of_the_release_before_works_on_this_database(old_code, segmind, as_ana, upload, work):
    own = {"DJANGO_SETTINGS_MODULE": "segmind_site.settings", "DATABASE_URL": database_url()}
    environment = {**os.environ, **own, "SEGMIND_UPLOAD_URL": segmind.upload_url}

    def run_old(*arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=old_code, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    (old_code / "old.png").write_bytes(a_picture())
    run_old("shell", "--no-imports", "-c", USE_THE_LIBRARY)
    work()
    upload(as_ana, ("new.png", a_picture()))
    run_old("worker", "--batch")
    assert sorted(Asset.objects.values_list("title", flat=True)) == ["Old town", "new"]
    assert set(StoredFile.objects.values_list("state", flat=True)) == {State.STORED}
    assert not StoredFile.objects.filter(preview="").exists()
    assert as_ana.get("/?q=town").status_code == 200


@pytest.mark.any_database
def test_columns_that_a_migration_adds_need_no_value_from_older_code():
    loader = MigrationLoader(None)
    later = [key for key in loader.disk_migrations if key[0] == "assets" and key[1] != "0001_initial"]
    for key in later:
        new = loader.disk_migrations[key].operations
        # Older code knows nothing of tables that the same migration makes.
        tables = {operation.name_lower for operation in new if isinstance(operation, operations.CreateModel)}
        for operation in new:
            assert not isinstance(operation, operations.RenameField | operations.RenameModel), key
            if isinstance(operation, operations.AddField) and operation.model_name_lower not in tables:
                assert is_optional(operation.field), f"{key[1]}: {operation.name} needs a db_default"


def is_optional(field: Field) -> bool:
    return field.many_to_many or field.null or field.has_db_default()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_migrations_of_a_library_go_back_to_nothing_and_forward_again(tmp_path):
    own = {"DJANGO_SETTINGS_MODULE": "segmind_site.settings", "MEDIA_ROOT": str(tmp_path / "media")}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        return f"{done.stderr}exit {done.returncode}"

    with empty_database(tmp_path) as url:
        environment = {**os.environ, **own, "DATABASE_URL": url}
        assert manage("migrate") == "exit 0"
        code = "from tests.transfer.archives import create_library; create_library()"
        assert manage("shell", "--no-imports", "-c", code) == "exit 0"
        assert manage("migrate", "assets", "zero") == "exit 0"
        assert manage("migrate") == "exit 0"
        # Of a package, which did not think of it.
        assert "Restore a backup" in manage("migrate", "django_tasks_database", "zero")
        assert manage("check", "--database", "default") == "exit 0"
