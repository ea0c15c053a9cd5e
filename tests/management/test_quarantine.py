"""Where repairs move files: how it is filled and emptied."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from assets import quarantine

OTHER_DISK = Path("/dev/shm")


@pytest.mark.django_db(transaction=True)
def test_the_quarantine_is_emptied_after_thirty_days(settings, work):
    shutil.rmtree(Path(settings.MEDIA_ROOT, "quarantine"), ignore_errors=True)
    for days in (0, 30, 31, 400):
        day = timezone.localdate() - timedelta(days=days)
        default_storage.save(f"quarantine/{day}/originals/aa/x", ContentFile(b"x"))
    default_storage.save("quarantine/mine/x", ContentFile(b"x"))
    work()
    today = timezone.localdate()
    left = {path.name for path in Path(settings.MEDIA_ROOT, "quarantine").iterdir()}
    assert left == {str(today), str(today - timedelta(days=30)), "mine"}


def test_a_storage_without_paths_has_a_quarantine_too(settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.memory.InMemoryStorage"},
    }
    now = timezone.now()
    for content in (b"first", b"second"):
        default_storage.save("originals/aa/x", ContentFile(content))
        quarantine.move("originals/aa/x", now)
    assert not default_storage.exists("originals/aa/x")
    folder = f"quarantine/{timezone.localdate()}/originals/aa"
    assert list(quarantine.list_names("quarantine")) == [f"{folder}/x", f"{folder}/x.2"]
    quarantine.empty(now + timedelta(days=31))
    assert list(quarantine.list_names("quarantine")) == []


@pytest.mark.skipif(not OTHER_DISK.is_dir(), reason="needs a second file system")
def test_the_quarantine_may_be_on_another_disk(settings):
    default_storage.save("originals/aa/x", ContentFile(b"whole"))
    folder = Path(settings.MEDIA_ROOT, "quarantine")
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory(dir=OTHER_DISK) as other:
        folder.symlink_to(other)
        moved = Path(other, quarantine.move("originals/aa/x", timezone.now()).removeprefix("quarantine/"))
        folder.unlink()
        assert moved.read_bytes() == b"whole"
        assert [path for path in Path(other).rglob("*") if path.is_file()] == [moved]
    assert not default_storage.exists("originals/aa/x")
