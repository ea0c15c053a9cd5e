"""The command import_files."""

import hashlib
import os
import unicodedata
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
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


def test_what_is_no_readable_file_is_refused_by_name_and_the_others_go_on(ana, folder, capsys):
    (folder / "notes.txt").unlink()
    (folder / "nowhere.png").symlink_to(folder / "missing")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    (folder / "up").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.png")
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.png")).write_bytes(a_picture())
    status, output = run(capsys, "import_files", str(folder), "/dev/zero", "--owner", "ana", "--private")
    assert status == 1
    refused = [line.split(": ") for line in output.splitlines() if line.startswith("refused: ")]
    reasons = {path.rpartition("/")[2]: reason for _, path, reason in refused}
    assert reasons == {
        "caf\\xe9.png": "The name is not valid UTF-8. Rename the file and import it again.",
        "circle.png": "Too many levels of symbolic links",
        "nowhere.png": "No such file or directory",
        "pipe.png": "Not a file but a device, pipe or socket.",
        "up": "A link to a folder. Import that folder by its own name.",
        "zero": "Not a file but a device, pipe or socket.",
    }
    assert output.splitlines()[-1] == "8 files: 2 received, 6 refused"
    assert set(Asset.objects.values_list("visibility", flat=True)) == {"private"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(ana, folder, capsys):
    (folder / "deep").chmod(0)
    status, output = run(capsys, "import_files", str(folder), "--owner", "ana")
    (folder / "deep").chmod(0o700)
    assert f"refused: {folder / 'deep'}: Permission denied" in output
    assert status == 1


@pytest.mark.parametrize(
    "name",
    [
        "\U0001f30a" * 62 + ".png",
        unicodedata.normalize("NFD", "Café Ñandú ポスト.png"),
        "תמונה של הים.png",
        "صورة البحر.png",
        "two\nlines\r.png",
        "tab\tand \u202e turned.png",
        "👩‍👩‍👧‍👦 🏳️‍🌈.png",
        " .png",
        "\u200b\u3000.png",
        "-rf.png",
        "100% & <b>.png",
    ],
)
def test_odd_names_stay_as_they_are(ana, tmp_path, as_ana, capsys, name):
    content = a_picture(text=name[:3])
    (tmp_path / name).write_bytes(content)
    status, output = run(capsys, "import_files", str(tmp_path), "--owner", "ana")
    assert (status, output.splitlines()[1:]) == (0, ["1 file: 1 received"])
    file = SimpleUploadedFile(name, a_picture(size=(40, 30)))
    sent = as_ana.post("/upload/", {"files": [file]}, headers={"accept": "application/json"}).json()["results"][0]
    announced = {"file_name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    body = {"files": [announced]}
    known = as_ana.post("/upload/known/", body, "application/json").json()["results"][0]
    assert [known["status"], known["asset"]["file_name"], sent["status"]] == ["known", name, "received"]
    imported = Asset.objects.get(size=len(content))
    assert imported.file_name == name
    assert imported.title.strip()
    assert find_titles(as_ana, f'"{imported.title}"') >= {imported.title}


def find_titles(client, text: str) -> set[str]:
    answer = client.get("/", {"q": text}, headers={"accept": "application/json"}).json()
    return {asset["title"] for asset in answer["assets"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--owner", "nobody"], "no active account “nobody”"),
        (["--owner", "an\udce9"], "no active account"),
        (["--owner", "ana", "--tag", "y" * 99], "Use at most 60"),
        (["--owner", "ana", "--tag", "caf\udce9"], "half a character"),
    ],
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
