"""A disk that is really full, with the database on it: a small one, in a namespace of its own."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from tests.support.factories import a_file_of

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def can_mount(folder) -> bool:
    return subprocess.run([*MOUNT, f"mount -t tmpfs -o size=6m tmpfs {folder}"], capture_output=True).returncode == 0


def test_whatever_finds_no_room_says_that_the_disk_is_full_and_leaves_nothing(tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("this system has no namespaces for everybody")
    command = f"mount -t tmpfs -o size=6m tmpfs {tmp_path} && exec {sys.executable} -m tests.support.full_disk"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/library.sqlite3",
        "TEST_FOLDER": str(tmp_path),
    }
    run = subprocess.run(
        [*MOUNT, command], cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    report = json.loads(run.stdout.splitlines()[-1])
    assert {tuple(answer) for answer in report["answers"]} == {(200, "received", None), (400, "refused", "disk_full")}
    assert report["left"] == []
    assert "Traceback" not in run.stderr


def test_files_that_would_need_the_reserve_are_refused(as_ana, upload, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    (result,) = upload(as_ana, ("a.pdf", a_file_of(1000)))["results"]
    assert result["error"]["code"] == "disk_full"
