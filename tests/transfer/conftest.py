"""Installations that archives are carried between."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.audit.log import LogEntry
from assets.models import UploadRequest
from assets.transfer.schema import TABLES
from tests.support.factories import a_user, an_asset
from tests.transfer.archives import a_library, export


@pytest.fixture
def move_to(settings, tmp_path) -> Callable[[str], None]:
    """Work with another storage from now on, as another installation does."""

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
def begin_anew(move_to) -> Callable[[], None]:
    """An empty installation in the place of this one."""

    def begin() -> None:
        # The ledger late: a file that is being sent holds its exchange. The history last: it tells of what is removed.
        last = (UploadRequest, LogEntry)
        for model in [*(table.model for table in TABLES[::-1] if table.model not in last), *last]:
            model._default_manager.all().delete()
        LogEntry.objects.all().delete()  # that people were removed is recorded too
        move_to("second")

    return begin


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "library.tar"


@pytest.fixture
def ready(archive, begin_anew) -> Path:
    """An archive of a library, and another library that it is to come to."""
    a_library()
    export(archive, "--originals")
    begin_anew()
    an_asset(owner=a_user("carla"))
    return archive
