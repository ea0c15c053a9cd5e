"""The command line, as a process of its own."""

import csv
import io
import json
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assets.models import Asset, ResumableUpload
from assets.reference_sets import changes
from assets.uploads.part_file import PartFile
from tests.clients.conftest import CLI
from tests.support.factories import a_file_of, a_picture, a_stored_file, an_asset
from tests.worker.test_worker import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


def test_signing_in_saves_the_token_for_its_owner_alone(run, site, token, folders):
    signed_out = {"ASSETS_URL": "", "ASSETS_TOKEN": ""}
    assert run("whoami", **signed_out).returncode == 2
    assert run("login", site.url, stdin="sal_wrong00000\n", **signed_out).returncode == 1
    assert run("login", "assets.example.com", stdin=token, **signed_out).returncode == 1
    done = run("login", f"{site.url}/", stdin=f"{token}\n", **signed_out)
    assert done.returncode == 0
    assert f"Signed in at {site.url} as ana (member)." in done.stderr
    [file] = (folders / "XDG_CONFIG_HOME").rglob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(run("whoami", "--json", **signed_out).stdout)["username"] == "ana"
    # A saved token is for that library alone.
    assert run("whoami", ASSETS_URL="http://127.0.0.1:9", ASSETS_TOKEN="").returncode == 2


@pytest.mark.usefixtures("_worker")
def test_files_become_urls(run, tmp_path):
    folder = tmp_path / "pictures"
    (folder / "inner").mkdir(parents=True)
    for name in ("a.png", "inner/b.png", ".hidden.png"):
        (folder / name).write_bytes(a_picture(text=name[:3]))
    done = run("upload", folder, "--tag", "hero", "--collection", "Launch", "--wait")
    assert (done.returncode, done.stderr) == (0, "2 files: 2 uploaded\n")
    urls = done.stdout.split()
    assert sorted(urls) == sorted(Asset.objects.values_list("stored_file__url", flat=True))
    assert sorted(run("search", "tag:hero in:Launch").stdout.split()) == sorted(urls)

    (folder / "c.txt").write_text("no picture")
    done = run("upload", folder, "--json")
    assert done.returncode == 1
    assert "c.txt: Unsupported file." in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["status"], line["url"]) for line in lines] == [
        ("known", urls[0]),
        ("refused", None),
        ("known", urls[1]),
    ]


def test_a_search_is_written_in_every_format(run, ana):
    file = a_stored_file(url="https://images.segmind.com/assets/1.png")
    asset = an_asset(owner=ana, title='=cmd|"\x1b[2J"', tags=("hero",), stored_file=file)
    found = json.loads(run("search", "tag:hero", "--json").stdout)
    assert [(each["id"], each["url"], each["tags"]) for each in found] == [(str(asset.pk), file.url, ["hero"])]
    [row] = csv.DictReader(io.StringIO(run("search", "tag:hero", "--format", "csv").stdout))
    assert row["title"].startswith("'=cmd")
    table = run("search", "--format", "table").stdout
    assert "\x1b" not in table
    assert file.url in table
    assert run("search", "tag:hero", "--format", "url").stdout == f"{file.url}\n"
    assert run("url", asset.pk).stdout == f"{file.url}\n"
    assert run("search", "tag:other").stdout == ""
    assert file.url in run("export", "tag:hero").stdout


def test_commands_end_with_a_code_and_the_words_of_the_library(run, ana):
    asset = an_asset(owner=ana)
    assert "hero" in run("edit", asset.pk, "--add-tag", "hero", "--add-to", "Launch").stdout
    assert (run("collections").stdout, run("tags", "her").stdout) == ("Launch\t1\n", "hero\t1\n")
    assert run("--version").stdout == "assets 0.1.0\n"
    assert run("search", "tag:hero", "--format", "id").stdout == f"{asset.pk}\n"
    assert "Opening http" in run("open", asset.pk, BROWSER="true").stderr
    assert run("trash", asset.pk, f"https://assets.example.com/assets/{asset.pk}/").stdout == "Moved 1 asset to trash\n"
    assert "\tMoved 1 asset to trash\n" in run("undo", "--list").stdout
    assert run("undo").stdout == "Undone: Moved 1 asset to trash\n"
    done = run("trash", asset.pk, "00000000-0000-0000-0000-000000000000")
    assert (done.returncode, done.stderr) == (1, "1 asset not found.\n")
    assert json.loads(run("restore", asset.pk, "--json").stdout)["changed"] == 1
    assert "queued" in run("status").stdout
    done = run("get", "0" * 32)
    assert (done.returncode, done.stderr) == (1, "This does not exist, or you cannot see it.\n")
    assert run("edit", asset.pk).returncode == 2
    assert run("upload").returncode == 2
    done = run("status", ASSETS_URL="http://assets.invalid")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Can’t reach http://assets.invalid" in done.stderr
    assert run("import-url", "https://127.0.0.1/a.png").stderr.startswith("https://127.0.0.1/a.png: ")
    assert run("get", "nonsense").stderr.startswith("“nonsense” is not the id of an asset")


def test_a_killed_upload_goes_on_from_its_last_byte(run, environment, tmp_path):
    film = tmp_path / "film.pdf"
    film.write_bytes(a_file_of(120_000_000))
    process = subprocess.Popen([*CLI, "upload", film], env=environment)
    until(lambda: any(offset > 16_000_000 for offset in _offsets()))
    process.kill()
    process.wait()
    [before] = _offsets()
    assert before < 120_000_000
    done = run("upload", film, "--json")
    assert json.loads(done.stdout)["status"] == "received"
    assert ResumableUpload.objects.count() == 1
    assert Asset.objects.get().size == 120_000_000


def _offsets() -> list[int]:
    return [PartFile.of(upload.pk).offset for upload in ResumableUpload.objects.all()]


def test_a_watched_folder_is_uploaded_as_it_fills(environment, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "a.png").write_bytes(a_picture(text="a"))
    command = [*CLI, "upload", "--watch", folder, "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=_take_ctrl_c)
    with process, _killed_at_the_end(process):
        assert _next_name(process) == "a.png"
        (folder / "b.png.part").write_bytes(a_picture(text="b"))
        (folder / "b.png.part").rename(folder / "b.png")
        assert _next_name(process) == "b.png"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.png"]


def _take_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def _killed_at_the_end(process: subprocess.Popen) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()


def _next_name(process: subprocess.Popen) -> str:
    return Path(json.loads(process.stdout.readline())["path"]).name


def test_a_request_to_a_model_is_written(run, site):
    asset = an_asset()
    done = run("request", "seedance-2.0", asset.pk, "--format", "body", "--set", "duration=8")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "prompt": "REPLACE: prompt", "first_frame_url": asset.stored_file.url, "duration": 8
    }  # fmt: skip
    assert "Still to fill in: prompt." in done.stderr
    done = run("request", "seedance-2.0", asset.pk, "--set", "prompt=It's dusk", "--json")
    assert json.loads(done.stdout)["body"]["prompt"] == "It's dusk"
    assert run("request", "none", asset.pk).returncode == 1
    assert run("request", "seedance-2.0", asset.pk, "--set", "prompt").returncode == 2


def test_reference_sets_are_listed_and_written_as_requests(run, ana):
    asset = an_asset(owner=ana, title="Pier")
    made = changes.create(ana, "Scene", [asset], model="nano-banana")
    assert run("sets").stdout == f"{made.pk}\tScene\n"
    assert run("set", made.pk, "--format", "prompt").stdout == "image 1: Pier\n"
    body = json.loads(run("set", made.get_absolute_url(), "--format", "body").stdout)
    assert body["image_urls"] == [asset.stored_file.url]
    assert "$SEGMIND_API_KEY" in run("set", made.pk).stdout
