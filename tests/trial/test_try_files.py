"""A folder of anything, tried without uploading it."""

import csv
import io
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assets.models import Asset
from assets.trial.run import Trial
from tests.support.factories import a_picture
from tests.support.media import SOUNDS, VIDEOS

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def try_files(folder: Path) -> tuple[dict[str, dict[str, str]], str]:
    """The rows of the table by name, and what is printed."""
    target, printed = folder.parent / "table.csv", io.StringIO()
    call_command("try_files", str(folder), "--csv", str(target), "--processes", "2", stdout=printed)
    with target.open(newline="", encoding="utf-8") as table:
        return {row["name"]: row for row in csv.DictReader(table)}, printed.getvalue()


def test_every_file_gets_a_row_with_what_became_of_it(folder):
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "picture.png").write_bytes(a_picture())
    (folder / "film.mp4").write_bytes(VIDEOS["mp4"][1]())
    (folder / "sound.ogg").write_bytes(SOUNDS["ogg"][1]())
    (folder / "cut-off.png").write_bytes(a_picture()[:-30])
    (folder / "cut-off.wav").write_bytes(SOUNDS["wav"][1]()[:-2000])
    (folder / "notes.txt").write_text("nothing to see")
    (folder / ".hidden").touch()
    rows, printed = try_files(folder)
    assert [(name, row["answer"], row["code"], row["kind"]) for name, row in rows.items()] == [
        (".hidden", "refused", "empty", ""),
        ("cut-off.png", "refused", "broken", ""),
        ("cut-off.wav", "received", "incomplete", "audio"),
        ("film.mp4", "received", "", "video"),
        ("notes.txt", "refused", "media_type", ""),
        ("sound.ogg", "received", "", "audio"),
        ("deep/er/picture.png", "received", "", "image"),
    ]
    picture, film = rows["deep/er/picture.png"], rows["film.mp4"]
    assert (picture["width"], picture["height"], picture["has_preview"], picture["words"]) == ("64", "48", "True", "")
    assert float(film["duration"]) == pytest.approx(0.2, abs=0.05)
    assert float(film["receiving_cpu"]) > 0
    assert float(film["child_cpu"]) > 0
    assert "damaged" in rows["cut-off.png"]["words"]
    assert "looks incomplete" in rows["cut-off.wav"]["words"]
    assert "4 received, 3 refused. 4 with a preview." in printed
    assert "1 of those received look incomplete or damaged." in printed
    assert "7 files in " in printed


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")
def test_the_memory_of_both_processes_is_in_the_table(folder):
    (folder / "large.png").write_bytes(a_picture(size=(6000, 4000)))
    rows, printed = try_files(folder)
    assert 20 < float(rows["large.png"]["receiving_memory"]) < 200
    assert 80 < float(rows["large.png"]["child_memory"]) < 300
    assert "Most memory of a limited process: " in printed


def test_nothing_in_a_folder_stops_it(folder):
    os.mkfifo(folder / "pipe.mp4")
    (folder / "broken.png").symlink_to("nowhere")
    (folder / "loop").symlink_to(".")
    (folder / "link.png").symlink_to("picture.png")
    (folder / "picture.png").write_bytes(a_picture())
    (folder / ("x" * 250 + ".png")).write_bytes(a_picture())
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.png")).write_bytes(a_picture())
    (folder / "line\nbreak\x1b[31m.png").write_bytes(a_picture())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "socket.png"))
    rows, _ = try_files(folder)
    received = {name for name, row in rows.items() if row["answer"] == "received" and row["has_preview"] == "True"}
    assert received == {
        "link.png", "picture.png", "x" * 250 + ".png", "caf\\xe9.png", "line\\nbreak\\x1b[31m.png",
    }  # fmt: skip
    assert {name: row["words"] for name, row in rows.items() if row["answer"] == "skipped"} == {
        "broken.png": "The link leads nowhere.",
        "loop": "A link to a folder is not followed.",
        "pipe.mp4": "Not a file, but a device, a pipe or a socket.",
        "socket.png": "Not a file, but a device, a pipe or a socket.",
    }
    assert len(rows) == 9


def test_neither_the_folder_nor_the_library_is_changed(folder, settings):
    (folder / "picture.png").write_bytes(a_picture())
    before = [(path, path.stat().st_mtime_ns) for path in folder.iterdir()]
    try_files(folder)
    assert [(path, path.stat().st_mtime_ns) for path in folder.iterdir()] == before
    assert not Asset.objects.exists()
    assert list(settings.VAR_DIR.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")
def test_after_a_process_died_at_a_file_the_others_are_tried(folder):
    for number in range(8):
        (folder / f"{number}.png").write_bytes(a_picture())
    with Trial(processes=1) as trial:
        results = trial.try_folder(folder)
        answers = [next(results).answer]
        os.kill(trial_process(), signal.SIGKILL)
        rest = list(results)
    answers += [result.answer for result in rest]
    assert sorted(answers) == ["failed", *["received"] * 7]
    assert answers[-1] == "received"
    assert any("ended with -9" in result.words for result in rest)


def trial_process() -> int:
    children: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # the thread has just ended
            children += (task / "children").read_text().split()
    (found,) = (pid for pid in children if b"assets.trial.child" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return int(found)


def test_what_keeps_its_processes_from_starting_is_said(folder, settings):
    settings.PREVIEW_CPU_SECONDS = 0
    with pytest.raises(CommandError, match="PREVIEW_CPU_SECONDS"):
        try_files(folder)


def test_a_table_that_cannot_be_written_is_said_first(folder):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("try_files", str(folder), "--csv", str(folder / "no" / "table.csv"))
