"""A library carried away as one archive, and brought into another installation: to the last row, or not at all."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from assets.models import (
    Asset,
    Collection,
    Favourite,
    LinkStatus,
    Outcome,
    PastUrl,
    Preferences,
    State,
    StoredFile,
    Tag,
    UploadRequest,
    Use,
    Visibility,
)
from assets.services import history
from assets.services.carrying.tables import TABLES
from tests.conftest import client_of
from tests.factories import PASSWORD, a_picture, a_request, a_stored_file, a_user, an_administrator, an_asset
from tests.segmind_server import KEY

ROOT = Path(__file__).parent.parent
WEBP = b"RIFF\x04\x00\x00\x00WEBPVP8 "
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def move_to(settings, tmp_path) -> Callable[[str], None]:
    """Work with another storage from now on, as another installation does."""

    def move(name: str) -> None:
        settings.MEDIA_ROOT = tmp_path / name
        settings.FILE_UPLOAD_TEMP_DIR = tmp_path / name / "spool"
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
        # The ledger last: a file that is being sent holds its exchange.
        for model in [*(table.model for table in TABLES[::-1] if table.model is not UploadRequest), UploadRequest]:
            model._default_manager.all().delete()
        move_to("second")

    return begin


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "library.tar"


def a_library() -> None:
    """Something of everything that can be carried, in its odd forms."""
    editors = Group.objects.create(name="Éditeurs")
    editors.permissions.set(Permission.objects.filter(codename__in=["change_asset", "delete_asset"]))
    ana, ben = a_user("ana", first_name="Ana", last_name="Müller", email="ana@example.com"), a_user("Ben")
    ben.groups.add(editors)
    ben.user_permissions.set(Permission.objects.filter(codename="view_storedfile"))
    an_administrator()
    bird = an_asset(owner=ana, title="Bird 10", tags=("Été", "sky"), description="two\nlines “…” 🦜")
    bird.label(collections=["Trips/2024/Lisbon", "Trips"])
    an_asset(owner=ben, stored_file=bird.stored_file, title="The same bird")
    secret = an_asset(owner=ana, title="Secret", visibility=Visibility.PRIVATE, tags=("hidden",))
    trashed = an_asset(owner=ben, title="Old")
    trashed.trash(timezone.now())
    an_asset(owner=ana, title="Gone").delete()
    failed = an_asset(owner=ben, state=State.FAILED).stored_file
    Tag.objects.create(name="used by nobody")
    Collection.objects.create(name="Empty", made_by=ben)
    Favourite.objects.create(user=ben, asset=bird)
    Use.objects.note(ana, [bird, secret], timezone.now())
    Preferences.objects.create(user=ana, layout="list", knows_of_addresses=True)
    PastUrl.objects.create(
        stored_file=bird.stored_file, url="https://images.segmind.com/old.png", why="broken",
        stored_at=timezone.now(), replaced_at=timezone.now(),
    )  # fmt: skip
    request = a_request(outcome=Outcome.PARTLY_STORED, status=200, message="no", file_count=2)
    request.files.set([bird.stored_file, failed])
    preview = default_storage.save("previews/ab/x.webp", ContentFile(WEBP))
    StoredFile.objects.filter(pk=bird.stored_file_id).update(
        preview=preview, placeholder="Qk0=", width=64, duration=0.1
    )


def export(path: Path, *options: str) -> None:
    call_command("export_library", str(path), *options, stdout=io.StringIO())


def bring_in(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_library", str(path), *options, stdout=said)
    return said.getvalue()


def tables_in(path: Path) -> dict[str, list[str]]:
    """The rows of an archive by table, as text."""
    with tarfile.open(path) as tar:
        names = [name for name in tar.getnames() if name.startswith("rows/")]
        content = {name: gzip.decompress(tar.extractfile(name).read()) for name in names}
    return {name: lines.decode().splitlines() for name, lines in content.items()}


def files_in(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.extractfile("files.sha256").read().decode().splitlines()


def bytes_of(file: StoredFile) -> bytes:
    with file.original.open() as original:
        return original.read()


def everything() -> list[object]:
    """All rows of the tables that can be carried."""
    return [list(table.model._default_manager.order_by("pk").values()) for table in TABLES]


# --- What is carried ------------------------------------------------------------------------------


def test_a_library_equals_its_source_to_the_last_row_and_file(archive, tmp_path, begin_anew):
    a_library()
    export(archive, "--originals")
    words = dict(Asset.objects.values_list("title", "search_text"))
    begin_anew()
    said = bring_in(archive)
    assert "people: 3 new, 0 here already" in said and "assets: 5 new" in said
    export(tmp_path / "again.tar", "--originals")
    assert tables_in(tmp_path / "again.tar") == tables_in(archive)
    assert files_in(tmp_path / "again.tar") == files_in(archive)
    assert len(files_in(archive)) == 6
    assert dict(Asset.objects.values_list("title", "search_text")) == words
    call_command("check_library", stdout=io.StringIO())


def test_the_same_library_is_written_in_the_same_order(archive, tmp_path, begin_anew):
    a_library()
    export(archive)
    export(tmp_path / "again.tar")
    assert tables_in(tmp_path / "again.tar") == tables_in(archive)


def test_no_key_and_no_password_is_in_the_archive(archive, move_to, as_ana, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()))
    work()
    export(archive, "--originals")
    password = get_user_model().objects.get(username="ana").password
    content = archive.read_bytes() + "\n".join(line for lines in tables_in(archive).values() for line in lines).encode()
    for secret in (KEY, PASSWORD, password):
        assert secret.encode() not in content


def test_an_archive_is_for_its_owner_alone_and_replaces_no_other(archive, move_to):
    export(archive)
    assert archive.stat().st_mode & 0o077 == 0
    before = archive.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        export(archive)
    assert archive.read_bytes() == before


def test_an_original_that_is_damaged_here_is_left_out_and_said(archive, move_to, capsys):
    file = a_stored_file()
    Path(default_storage.path(file.original.name)).write_bytes(b"x" * file.size)
    call_command("export_library", str(archive), "--originals")
    assert "missing or damaged" in capsys.readouterr().err
    assert files_in(archive) == []


# --- Into an empty installation -------------------------------------------------------------------


def test_addresses_stay_and_what_is_private_stays_so(archive, begin_anew):
    a_library()
    secret, public = Asset.objects.get(title="Secret"), Asset.objects.get(title="Bird 10")
    export(archive)
    begin_anew()
    bring_in(archive)
    as_ben = client_of(get_user_model().objects.get(username="Ben"))
    assert as_ben.get(public.get_absolute_url()).status_code == 200
    assert as_ben.get(secret.get_absolute_url()).status_code == 404


def test_what_was_brought_in_can_be_found(archive, begin_anew):
    a_library()
    export(archive)
    begin_anew()
    bring_in(archive)
    as_ben = client_of(get_user_model().objects.get(username="Ben"))
    for words in ("bird tag:ete", "lisbon", "in:trips", "müller sky"):
        found = as_ben.get("/", {"q": words}, headers={"accept": "application/json"}).json()["assets"]
        assert [entry["title"] for entry in found] == ["Bird 10"], words


def test_people_cannot_sign_in_until_they_have_a_password(archive, begin_anew, client):
    a_library()
    export(archive)
    begin_anew()
    said = bring_in(archive)
    assert "3 new people, 1 of them administrators, cannot sign in" in said
    assert "manage.py changepassword NAME" in said and "Ben, ana, root" in said
    ana = get_user_model().objects.get(username="ana")
    assert not ana.has_usable_password() and not client.login(username="ana", password=PASSWORD)
    assert get_user_model().objects.get(username="Ben").has_perm("assets.change_asset")


def test_what_is_stored_is_not_sent_again(archive, begin_anew, segmind, work, upload):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content)
    url = StoredFile.objects.get().url
    export(archive)
    begin_anew()
    bring_in(archive)
    work()
    answer = upload(client_of(get_user_model().objects.get(username="ana")), ("again.png", content))
    work()
    assert answer["results"][0]["status"] == "known"
    assert segmind.received == [] and StoredFile.objects.get().url == url


def test_what_was_still_to_be_sent_is_sent_once_where_its_original_came_along(archive, begin_anew, segmind, work):
    ana = a_user("ana")
    for state in (State.QUEUED, State.SENDING):
        an_asset(owner=ana, state=state)
    export(archive, "--originals")
    begin_anew()
    assert "2 files were still to be sent, and are queued here" in bring_in(archive)
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 2
    assert sorted(segmind.received[0].hashes) == sorted(StoredFile.objects.values_list("sha256", flat=True))


def test_what_was_still_to_be_sent_has_failed_where_its_original_did_not_come_along(archive, begin_anew, segmind, work):
    an_asset(owner=a_user("ana"), state=State.QUEUED)
    export(archive)
    begin_anew()
    assert "1 files were still to be sent, but their originals did not" in bring_in(archive)
    work()
    file = StoredFile.objects.get()
    assert file.state == State.FAILED and "Upload the file again" in file.error
    assert segmind.received == []


def test_what_was_to_be_healed_keeps_its_url_where_its_original_did_not_come_along(archive, begin_anew, segmind, work):
    url = an_asset(owner=a_user("ana")).stored_file.url
    StoredFile.objects.update(link_status=LinkStatus.BROKEN)
    assert StoredFile.objects.heal(timezone.now()) == 1
    export(archive)
    begin_anew()
    bring_in(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url) == (State.STORED, url) and "did not come along" in file.error
    assert segmind.received == []


def test_originals_that_are_in_the_storage_already_are_found_there(archive, begin_anew, settings, tmp_path):
    content = a_picture()
    file = a_stored_file(content=content, state=State.QUEUED)
    export(archive)
    begin_anew()
    default_storage.save(f"originals/{file.sha256[:2]}/{file.sha256}", ContentFile(content))
    bring_in(archive)
    file = StoredFile.objects.get()
    assert file.state == State.QUEUED and bytes_of(file) == content


def test_an_exchange_that_was_going_on_is_closed_as_unknown(archive, begin_anew):
    request = a_request()
    export(archive)
    begin_anew()
    bring_in(archive)
    request.refresh_from_db()
    assert request.outcome == Outcome.UNKNOWN and request.finished_at and "exported" in request.message


# --- Into a living installation -------------------------------------------------------------------


def test_to_bring_in_an_archive_twice_changes_nothing(archive, begin_anew):
    a_library()
    export(archive, "--originals")
    begin_anew()
    bring_in(archive)
    before = everything()
    said = bring_in(archive)
    assert all(" 0 new" in line for line in said.splitlines()[1:14])
    assert everything() == before


def test_what_is_here_stays_and_gets_what_it_lacks(archive, begin_anew, move_to):
    content = a_picture()
    there = an_asset(owner=a_user("ana", first_name="There"), content=content, title="There", tags=("Été", "x"))
    url = there.stored_file.url
    StoredFile.objects.update(width=64)
    export(archive, "--originals")
    begin_anew()
    ana = a_user("ana", first_name="Here")
    tag = Tag.objects.create(name="ETE")
    here = an_asset(owner=ana, content=content, state=State.QUEUED, title="Here", tags=("y",))
    StoredFile.objects.update(original="")
    bring_in(archive)
    entry = Asset.objects.get()
    assert (entry.pk, entry.title, entry.owner) == (here.pk, "Here", ana)
    assert sorted(tag.name for tag in entry.tags.all()) == ["ETE", "x", "y"] and tag in entry.tags.all()
    assert entry.search_text.endswith("ete\nx\ny")
    file = entry.stored_file
    assert (file.state, file.url, file.width) == (State.STORED, url, 64)
    assert bytes_of(file) == content
    ana.refresh_from_db()
    assert ana.first_name == "Here" and ana.check_password(PASSWORD)


def test_tags_of_a_private_entry_do_not_come_to_light_on_one_of_the_team(archive, begin_anew):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("secret",), visibility=Visibility.PRIVATE)
    export(archive)
    begin_anew()
    an_asset(owner=a_user("ana"), content=content, tags=("open",))
    bring_in(archive)
    entry = Asset.objects.get()
    assert entry.visibility == Visibility.TEAM and [tag.name for tag in entry.tags.all()] == ["open"]


def test_what_happened_to_an_entry_comes_along(archive, begin_anew):
    ana = a_user("ana")
    entry = an_asset(owner=ana, title="Before")
    with history.acting(user=ana, address="192.0.2.7"):
        entry.title = "After"
        entry.save()
    before = history.of(entry, user=ana)
    export(archive)
    begin_anew()
    bring_in(archive)
    entry = Asset.objects.get()
    assert history.of(entry, user=entry.owner) == before
    assert before[0].changes == (history.Change("title", "Before", "After"),)
    assert history.LogEntry.objects.latest().remote_addr == "192.0.2.7"


def test_what_was_said_of_a_private_entry_does_not_come_to_light_on_one_of_the_team(archive, begin_anew):
    content = a_picture()
    entry = an_asset(owner=a_user("ana"), content=content, title="Secret", visibility=Visibility.PRIVATE)
    entry.title = "Hidden"
    entry.save()
    export(archive)
    begin_anew()
    an_asset(owner=a_user("ana"), content=content, title="Open")
    for _ in range(2):
        bring_in(archive)
    records = json.dumps(list(history.LogEntry.objects.values_list("object_repr", "changes")))
    assert "Open" in records and "Secret" not in records and "Hidden" not in records


def test_tags_that_an_entry_gets_are_recorded_once(archive, begin_anew):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content, tags=("x",))
    export(archive)
    begin_anew()
    here = an_asset(owner=a_user("ana"), content=content)
    for _ in range(2):
        bring_in(archive)
    acts = history.of(here, user=here.owner)
    assert [(act.by, act.change_of("tags").after) for act in acts if act.change_of("tags")] == [("import_library", "x")]


def test_an_id_that_is_taken_here_is_not_taken_away(archive, begin_anew):
    there = an_asset(owner=a_user("ana"), title="There")
    export(archive)
    begin_anew()
    here = an_asset(owner=a_user("ben"), title="Here", id=there.pk)
    bring_in(archive)
    assert Asset.objects.get(pk=there.pk).title == here.title
    assert Asset.objects.get(title="There").pk != there.pk


def test_a_failed_file_gets_the_url_that_the_archive_knows(archive, begin_anew, segmind, work):
    content = a_picture()
    url = a_stored_file(content=content).url
    export(archive)
    begin_anew()
    a_stored_file(content=content, state=State.FAILED)
    bring_in(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url, file.error) == (State.STORED, url, "")
    assert segmind.received == []


def test_another_url_of_the_same_content_is_remembered_once(archive, begin_anew):
    content = a_picture()
    there = a_stored_file(content=content).url
    export(archive)
    begin_anew()
    here = a_stored_file(content=content).url
    for _ in range(2):
        bring_in(archive)
    file = StoredFile.objects.get()
    assert file.url == here and [past.url for past in file.past_urls.all()] == [there]


def test_a_dry_run_says_the_same_and_changes_nothing(archive, begin_anew, settings):
    a_library()
    an_asset(state=State.QUEUED)
    export(archive, "--originals")
    begin_anew()
    rehearsed = bring_in(archive, "--dry-run")
    assert not any(everything())
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    said = bring_in(archive)
    assert f"files: {len(files_in(archive))} new, 0 here already" in said
    assert rehearsed == said + "Nothing was changed.\n"


# --- Archives that cannot be used -----------------------------------------------------------------


def rewritten(path: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> None:
    """The archive with its members changed, as somebody could who knows the format."""
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            if (changed := change(info, content)) is not None:
                changed[0].size = len(changed[1])
                tar.addfile(changed[0], io.BytesIO(changed[1]))


def with_rows(path: Path, table: str, change: Callable[[dict], object]) -> None:
    """The archive with rows that somebody has changed, and hashes that fit them."""
    made: dict[str, bytes] = {}

    def of_rows(info, content):
        if info.name == f"rows/{table}.jsonl.gz":
            rows = [json.loads(line) for line in gzip.decompress(content).splitlines()]
            made[table] = gzip.compress("".join(json.dumps(change(row) or row) + "\n" for row in rows).encode())
            return info, made[table]
        return info, content

    def of_manifest(info, content):
        if info.name == "manifest.json":
            manifest = json.loads(content)
            entry = next(entry for entry in manifest["tables"] if entry["name"] == table)
            entry["sha256"] = hashlib.sha256(made[table]).hexdigest()
            return info, json.dumps(manifest).encode()
        return info, content

    rewritten(path, of_rows)
    rewritten(path, of_manifest)


def with_manifest(path: Path, **changes: object) -> None:
    rewritten(
        path,
        lambda info, content: (
            (info, json.dumps(json.loads(content) | changes).encode())
            if info.name == "manifest.json"
            else (info, content)
        ),
    )


def refused(path: Path, words: str) -> None:
    """It is refused in these words, and nothing has changed."""
    before = everything()
    with pytest.raises(CommandError, match=words):
        bring_in(path)
    assert everything() == before


@pytest.fixture
def ready(archive, begin_anew) -> Path:
    """An archive of a library, and another library that it is to come to."""
    a_library()
    export(archive, "--originals")
    begin_anew()
    an_asset(owner=a_user("carla"))
    return archive


def test_a_cut_archive_is_refused_wherever_it_is_cut(ready):
    content = ready.read_bytes()
    for part in range(1, 20):
        ready.write_bytes(content[: len(content) * part // 20])
        refused(ready, "archive is damaged|not an archive")
    ready.write_bytes(content[:-1024])
    refused(ready, "archive is damaged")


def test_an_archive_with_a_wrong_byte_is_refused(ready):
    content = ready.read_bytes()
    with tarfile.open(ready) as tar:
        inside = [info.offset_data + info.size // 2 for info in tar if info.size]
    for at in inside:
        ready.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        refused(ready, "archive is damaged|not an archive|version")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"x" * 2000, b"\0" * 10240], ids=len)
def test_another_file_is_no_archive(archive, begin_anew, content):
    archive.write_bytes(content)
    refused(archive, "not an archive of a Segmind Asset Library")


def test_a_file_that_is_not_there_is_said(archive, begin_anew):
    refused(archive, "There is no file")


def test_an_archive_of_a_newer_version_is_refused(ready):
    with_manifest(ready, version=2)
    refused(ready, "version 2 of the format, and this installation reads up to 1")


def test_tables_and_columns_that_are_not_known_are_not_dropped_in_silence(ready):
    with tarfile.open(ready) as tar:
        tables = json.loads(tar.extractfile("manifest.json").read())["tables"]
    with_manifest(ready, tables=[*tables, {"name": "albums", "rows": 0, "sha256": "", "columns": ["id"]}])
    refused(ready, "does not know: albums")
    tables[0]["columns"].append("colour")
    with_manifest(ready, tables=tables)
    refused(ready, r"does not know: groups\.colour")


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "originals/../../evil", "originals/aa/" + "b" * 64, "previews/ab/x.html"]
)
def test_a_name_that_is_none_of_the_format_leads_nowhere(ready, name, tmp_path):
    def with_name(info, content):
        if info.name.startswith("originals/"):
            info.name = name
        return info, content

    rewritten(ready, with_name)
    refused(ready, "archive is damaged")
    assert not list(tmp_path.rglob("evil")) and not list(tmp_path.rglob("b" * 64))


def test_a_link_in_the_archive_is_not_followed(ready):
    def as_link(info, content):
        if info.name.startswith("originals/"):
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            return info, b""
        return info, content

    rewritten(ready, as_link)
    refused(ready, "something else than files")


SENSELESS = [
    ("stored_files", "sha256", "../../evil"),
    ("stored_files", "url", ""),
    ("stored_files", "size", -1),
    ("stored_files", "size", 10**30),
    ("stored_files", "state", "gone"),
    ("stored_files", "placeholder", '" onerror="x'),
    ("stored_files", "created_at", "2024-01-01T00:00:00"),
    ("stored_files", "id", "x"),
    ("assets", "title", "a\0b"),
    ("assets", "title", "\ud800"),
    ("assets", "title", "x" * 300),
    ("assets", "title", None),
    ("assets", "title", ["x"]),
    ("assets", "owner", "nobody"),
    ("assets", "owner", {}),
    ("assets", "stored_file", []),
    ("assets", "tags", "sky"),
    ("assets", "tags", ["nowhere"]),
    ("assets", "owner", "ana\0"),
    ("favourites", "asset", ["ana"]),
    ("favourites", "asset", [["ana"], "x"]),
    ("tags", "name", ""),
    ("collections", "path", "//"),
    ("requests", "file_count", 0),
    ("history", "changes", ["x"]),
    ("history", "changes", {"title": [1, 2]}),
    ("history", "changes", {"title": ["a\0", "b"]}),
    ("history", "additional_data", "x"),
    ("history", "action", 7),
    ("history", "remote_addr", "<b>"),
    ("history", "content_type", ["auth", "user"]),
    ("history", "content_type", "asset"),
]


def test_a_row_that_makes_no_sense_is_refused_with_all_others(ready):
    whole = ready.read_bytes()
    for table, column, value in SENSELESS:
        ready.write_bytes(whole)
        with_rows(ready, table, lambda row, column=column, value=value: row | {column: value})
        refused(ready, "damaged|do not fit")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/x.png", "http://images.segmind.com/x"])
def test_a_url_that_could_not_have_been_stored_here_is_refused(ready, url):
    whole = ready.read_bytes()
    for table in ("stored_files", "past_urls"):
        ready.write_bytes(whole)
        with_rows(ready, table, lambda row: row | {"url": url} if row["url"] else row)
        refused(ready, "none of SEGMIND_ASSET_HOSTS")


def test_a_file_that_is_not_what_its_name_says_is_not_kept(ready, settings):
    listed = []

    def other(info, content):
        if info.name.startswith("originals/"):
            content = b"something else"
        if info.name.startswith(("originals/", "previews/")):
            listed.append(f"{hashlib.sha256(content).hexdigest()}  {info.name}\n")
        return info, "".join(listed).encode() if info.name == "files.sha256" else content

    rewritten(ready, other)
    before = everything()
    with pytest.raises(CommandError, match="is not what its name says"):
        bring_in(ready)
    assert everything() == before


# --- On the other database engine -----------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "postgresql", reason="runs where both engines are: on PostgreSQL")
def test_sqlite_and_postgresql_hold_the_same_library(archive, tmp_path, begin_anew, move_to):
    a_library()
    export(archive, "--originals")

    def through_sqlite(source: Path, name: str) -> Path:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{tmp_path / name}.sqlite3",
            "MEDIA_ROOT": str(tmp_path / name),
            "TEST_FOLDER": str(tmp_path / f"{name}-folder"),
        }
        target = tmp_path / f"{name}.tar"
        for command in (["migrate", "-v0"], ["import_library", source], ["export_library", target, "--originals"]):
            subprocess.run([sys.executable, ROOT / "manage.py", *command], env=environment, cwd=ROOT, check=True)
        return target

    in_sqlite = through_sqlite(archive, "one")
    begin_anew()
    bring_in(in_sqlite)
    in_postgresql = tmp_path / "two.tar"
    export(in_postgresql, "--originals")
    in_sqlite_again = through_sqlite(in_postgresql, "three")
    for other in (in_sqlite, in_postgresql, in_sqlite_again):
        assert tables_in(other) == tables_in(archive)
        assert files_in(other) == files_in(archive)


def test_ids_and_moments_survive_whatever_the_engine(archive, begin_anew):
    asset = an_asset(owner=a_user("ana"), created_at=timezone.now() - timedelta(days=1000))
    Collection.objects.named(["A/B"])
    before = (
        asset.pk,
        asset.created_at,
        Asset.objects.get().updated_at,
        set(Collection.objects.values_list("pk", "path")),
    )
    export(archive)
    begin_anew()
    bring_in(archive)
    asset = Asset.objects.get()
    assert before == (
        asset.pk, asset.created_at, asset.updated_at, set(Collection.objects.values_list("pk", "path")),
    )  # fmt: skip
    assert not UploadRequest.objects.exists()
