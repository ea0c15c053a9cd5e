"""Two installations: one to export from and one to import into."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.audit.log import LogEntry
from assets.models import UploadRequest
from assets.transfer.schema import TABLES
from tests.support.factories import a_user, an_asset
from tests.transfer.archives import create_library, export


@pytest.fixture
def move_to(settings, tmp_path) -> Callable[[str], None]:
    """Switch to another media folder, as in another installation."""

    def move(name: str) -> None:
        settings.MEDIA_ROOT = tmp_path / name
        settings.FILE_UPLOAD_TEMP_DIR = tmp_path / name / "incoming"
        settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
        options = {"location": settings.MEDIA_ROOT, "allow_overwrite": True}
        default = {"BACKEND": settings.STORAGES["default"]["BACKEND"], "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": default}

    move("first")
    return move


@pytest.fixture
def start_empty(move_to) -> Callable[[], None]:
    """Empty this installation and give it another media folder."""

    def begin() -> None:
        # Requests late, since files refer to them; the log last, since it records the deletions.
        last = (UploadRequest, LogEntry)
        for model in [*(table.model for table in TABLES[::-1] if table.model not in last), *last]:
            model._default_manager.all().delete()
        LogEntry.objects.all().delete()  # deleting people is recorded too
        move_to("second")

    return begin


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "library.tar"


@pytest.fixture
def library_archive(archive, start_empty) -> Path:
    """An archive, beside a library with other rows to import it into."""
    create_library()
    export(archive, "--originals")
    start_empty()
    an_asset(owner=a_user("carla"))
    return archive
