"""The command import_files."""

import hashlib
import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from assets.models import Asset, State, StoredFile
from tests.support.factories import a_picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "trip/deep").mkdir(parents=True)
    (tmp_path / "trip/one.png").write_bytes(a_picture())
    (tmp_path / "trip/deep/two.png").write_bytes(a_picture())
    (tmp_path / "trip/notes.txt").write_text("hello")
    (tmp_path / "trip/.hidden.png").write_bytes(a_picture())
    return tmp_path / "trip"


def run(capsys, *arguments) -> tuple[int, str]:
    """Exit status and output."""
    try:
        call_command(*arguments)
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    return status, capsys.readouterr().out


def test_a_folder_is_imported_with_its_subfolders(ana, folder, segmind, work, capsys):
    status, output = run(
        capsys, "import_files", str(folder), "--owner", "ana", "--tag", "x", "--tag", "y, z", "--collection", "Trip"
    )
    assert status == 1
    assert f"refused: {folder / 'notes.txt'}: Unsupported file. You can upload images" in output
    assert "3 files: 2 received, 1 refused" in output
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 2
    assert len(segmind.received) == 1
    asset = Asset.objects.get(file_name="two.png")
    assert sorted(tag.name for tag in asset.tags.all()) == ["x", "y", "z"]
    assert [collection.name for collection in asset.collections.all()] == ["Trip"]
    (folder / "notes.txt").unlink()
    status, output = run(capsys, "import_files", str(folder), "--owner", "ana")
    assert (status, output.splitlines()[-1]) == (0, "2 files: 2 known")


def test_a_dry_run_keeps_nothing(ana, folder, capsys):
    status, output = run(capsys, "import_files", str(folder), "--owner", "ana", "--dry-run")
    assert (status, output.splitlines()[-1]) == (1, "3 files: 2 received, 1 refused")
    assert not StoredFile.objects.exists()
    assert not list(Path(django_settings.FILE_UPLOAD_TEMP_DIR).glob("*"))


def test_a_file_that_cannot_be_read_is_refused_and_the_others_go_on(ana, folder, capsys):
    (folder / "broken.png").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.png")
    status, output = run(capsys, "import_files", str(folder), "--owner", "ana", "--private")
    assert "2 received" in output
    assert status == 1
    assert set(Asset.objects.values_list("visibility", flat=True)) == {"private"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--owner", "nobody"], "no active account “nobody”"), (["--owner", "ana", "--tag", "y" * 99], "Use at most 60")],
)
def test_a_wrong_argument_is_explained(ana, folder, arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("import_files", str(folder), *arguments)
    with pytest.raises(CommandError, match="does not exist"):
        call_command("import_files", str(folder / "nowhere"), "--owner", "ana")


@pytest.mark.parametrize("number", ["", ".2", "-2"])
def test_a_damaged_original_is_not_imported_again(ana, tmp_path, capsys, number):
    (tmp_path / f"{'ab' * 32}{number}").write_bytes(a_picture())
    status, output = run(capsys, "import_files", str(tmp_path), "--owner", "ana")
    assert status == 1
    assert "The file is damaged" in output
    assert not StoredFile.objects.exists()


def test_an_original_that_is_not_accepted_is_not_called_damaged(ana, tmp_path, settings, capsys):
    content = a_picture()
    (tmp_path / hashlib.sha256(content).hexdigest()).write_bytes(content)
    settings.UPLOAD_MAX_FILE_BYTES = 10
    status, output = run(capsys, "import_files", str(tmp_path), "--owner", "ana")
    assert status == 1
    assert "over the 10 bytes limit" in output


def test_files_that_went_to_quarantine_twice_on_a_day_are_recognised(ana, tmp_path, capsys):
    content = a_picture()
    sha256 = hashlib.sha256(content).hexdigest()
    for name in (f"originals/{sha256[:2]}/{sha256}.2", f"previews/{sha256[:2]}/{sha256}.webp.2"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    status, output = run(capsys, "import_files", str(tmp_path), "--owner", "ana")
    assert (status, output.splitlines()[-1]) == (0, "2 files: 1 received, 1 skipped")
    assert Asset.objects.get().file_name == f"recovered {sha256[:8]}.png"
