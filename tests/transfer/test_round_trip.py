"""A library exported and imported into an empty installation keeps every row, on every database."""

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from assets import originals, permissions
from assets.models import (
    Asset,
    Collection,
    LinkStatus,
    Outcome,
    Role,
    State,
    StoredFile,
    UploadRequest,
    User,
)
from assets.transfer import import_lock
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_picture, a_request, a_stored_file, a_user, an_asset
from tests.support.segmind_server import KEY
from tests.transfer.archives import (
    create_library,
    drop_column,
    export,
    import_archive,
    read_file_list,
    read_original,
    read_tables,
)

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def test_an_imported_library_equals_its_source_in_every_row_and_file(archive, tmp_path, start_empty):
    create_library()
    export(archive, "--originals")
    words = dict(Asset.objects.values_list("title", "search_text"))
    start_empty()
    output = import_archive(archive)
    assert "people: 3 new, 0 already here" in output
    assert "assets: 5 new" in output
    export(tmp_path / "again.tar", "--originals")
    assert read_tables(tmp_path / "again.tar") == read_tables(archive)
    assert read_file_list(tmp_path / "again.tar") == read_file_list(archive)
    assert len(read_file_list(archive)) == 6
    assert dict(Asset.objects.values_list("title", "search_text")) == words
    call_command("check_library", stdout=io.StringIO())


class RepairedMeanwhile(FileSystemStorage):
    """Tries to repair the library whenever a file has been saved, and what counts as old by then."""

    def save(self, name, content, max_length=None):
        name = super().save(name, content, max_length)
        os.utime(self.path(name), (1, 1))
        with pytest.raises(CommandError, match="An import is running"):
            call_command("check_library", "--repair", "--force")
        return name


def test_a_repair_during_an_import_leaves_its_files_alone(archive, start_empty, settings):
    create_library()
    export(archive, "--originals")
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.RepairedMeanwhile"}}
    start_empty()
    assert "files: 6 new" in import_archive(archive)
    assert all(map(originals.is_intact, StoredFile.objects.exclude(original="")))
    with import_lock.repairing(), pytest.raises(CommandError, match="A repair or another import is running"):
        import_archive(archive)


def test_two_archives_of_the_same_library_have_the_same_rows(archive, tmp_path, start_empty):
    create_library()
    export(archive)
    export(tmp_path / "again.tar")
    assert read_tables(tmp_path / "again.tar") == read_tables(archive)


def test_an_archive_contains_neither_api_key_nor_passwords(archive, move_to, as_ana, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()))
    work()
    export(archive, "--originals")
    password = User.objects.get(username="ana").password
    content = (
        archive.read_bytes() + "\n".join(line for lines in read_tables(archive).values() for line in lines).encode()
    )
    for secret in (KEY, PASSWORD, password):
        assert secret.encode() not in content


def test_only_its_owner_reads_an_archive_and_it_never_overwrites_another(archive, move_to):
    export(archive)
    assert archive.stat().st_mode & 0o077 == 0
    before = archive.read_bytes()
    with pytest.raises(CommandError, match="already exists"):
        export(archive)
    assert archive.read_bytes() == before


def test_a_damaged_original_is_left_out_with_a_message(archive, move_to, capsys):
    file = a_stored_file()
    Path(default_storage.path(file.original.name)).write_bytes(b"x" * file.size)
    call_command("export_library", str(archive), "--originals")
    assert "missing or damaged" in capsys.readouterr().err
    assert read_file_list(archive) == []


def test_urls_of_pages_stay_the_same_and_private_assets_stay_private(archive, start_empty):
    create_library()
    secret, public = Asset.objects.get(title="Secret"), Asset.objects.get(title="Bird 10")
    export(archive)
    start_empty()
    import_archive(archive)
    as_ben = client_of(User.objects.get(username="Ben"))
    assert as_ben.get(public.get_absolute_url()).status_code == 200
    assert as_ben.get(secret.get_absolute_url()).status_code == 404


def test_imported_assets_can_be_searched(archive, start_empty):
    create_library()
    export(archive)
    start_empty()
    import_archive(archive)
    as_ben = client_of(User.objects.get(username="Ben"))
    for words in ("bird tag:ete", "lisbon", "in:trips", "müller sky"):
        found = as_ben.get("/", {"q": words}, headers={"accept": "application/json"}).json()["assets"]
        assert [asset["title"] for asset in found] == ["Bird 10"], words


def test_people_cannot_sign_in_until_they_have_a_password(archive, start_empty, client):
    create_library()
    export(archive)
    start_empty()
    output = import_archive(archive)
    assert "3 new people (1 administrator) cannot sign in" in output
    assert "manage.py changepassword NAME" in output
    assert "Ben, ana, root" in output
    ana = User.objects.get(username="ana")
    assert not ana.has_usable_password()
    assert not client.login(username="ana", password=PASSWORD)
    assert permissions.get_role(User.objects.get(username="Ben")) == Role.MANAGER


def test_people_keep_their_roles(archive, start_empty):
    roles = {role.value: a_user(role.value, role=role).username for role in Role} | {"member": a_user("plain").username}
    export(archive)
    start_empty()
    assert "(1 administrator)" in import_archive(archive)
    people = User.objects.in_bulk(field_name="username")
    assert {permissions.get_role(people[name]).value: name for name in roles.values()} == roles
    assert people["administrator"].is_staff
    assert not people["manager"].is_staff


def test_private_collections_with_the_name_of_a_team_collection_stay_private(archive, start_empty):
    create_library()
    export(archive)
    start_empty()
    import_archive(archive)
    owners = Collection.objects.filter(path="Trips/2024").values_list("private_to__username", "parent__path")
    assert set(owners) == {(None, "Trips"), ("ana", "Trips"), ("Ben", "Trips")}
    assert Asset.objects.get(title="Secret").collections.get().private_to.username == "ana"
    assert Asset.objects.get(title="Bird 10").collections.count() == 3


def test_an_archive_without_private_collections_is_imported(archive, start_empty):
    an_asset(title="Bird").set_labels(collections=["Trips/2024"])
    export(archive)
    drop_column(archive, "collections", "private_to")
    start_empty()
    import_archive(archive)
    assert Asset.objects.get().collections.get() == Collection.objects.get(path="Trips/2024", private_to=None)


def test_stored_files_are_not_sent_again(archive, start_empty, segmind, work, upload):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content)
    url = StoredFile.objects.get().url
    export(archive)
    start_empty()
    import_archive(archive)
    work()
    answer = upload(client_of(User.objects.get(username="ana")), ("again.png", content))
    work()
    assert answer["results"][0]["status"] == "known"
    assert segmind.received == []
    assert StoredFile.objects.get().url == url


def test_waiting_files_are_sent_once_if_the_archive_has_their_originals(archive, start_empty, segmind, work):
    ana = a_user("ana")
    for state in (State.QUEUED, State.SENDING):
        an_asset(owner=ana, state=state)
    export(archive, "--originals")
    start_empty()
    assert "2 files not sent to Segmind yet: queued." in import_archive(archive)
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 2
    assert sorted(segmind.received[0].hashes) == sorted(StoredFile.objects.values_list("sha256", flat=True))


def test_waiting_files_without_originals_are_marked_as_failed(archive, start_empty, segmind, work):
    an_asset(owner=a_user("ana"), state=State.QUEUED)
    export(archive)
    start_empty()
    assert "1 file not sent to Segmind, and not in the archive: marked as failed." in import_archive(archive)
    work()
    file = StoredFile.objects.get()
    assert file.state == State.FAILED
    assert "Upload the file again" in file.error
    assert segmind.received == []


def test_a_file_waiting_for_reupload_keeps_its_url_without_its_original(archive, start_empty, segmind, work):
    url = an_asset(owner=a_user("ana")).stored_file.url
    StoredFile.objects.update(link_status=LinkStatus.BROKEN)
    assert StoredFile.objects.reupload(timezone.now()) == 1
    export(archive)
    start_empty()
    import_archive(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url) == (State.STORED, url)
    assert "did not include its original" in file.error
    assert segmind.received == []


def test_columns_derived_from_urls_are_derived_again(archive, start_empty):
    a_stored_file(url="https://images.segmind.com/assets/ana%40example.com/1.jpg", stored_at=timezone.now())
    export(archive)
    start_empty()
    import_archive(archive)
    file = StoredFile.objects.get()
    assert (file.url_host, file.url_has_address) == ("images.segmind.com", True)


def test_originals_already_in_storage_are_found(archive, start_empty, settings, tmp_path):
    content = a_picture()
    file = a_stored_file(content=content, state=State.QUEUED)
    export(archive)
    start_empty()
    default_storage.save(f"originals/{file.sha256[:2]}/{file.sha256}", ContentFile(content))
    import_archive(archive)
    file = StoredFile.objects.get()
    assert file.state == State.QUEUED
    assert read_original(file) == content


def test_an_open_request_is_closed_as_unknown(archive, start_empty):
    request = a_request()
    export(archive)
    start_empty()
    import_archive(archive)
    request.refresh_from_db()
    assert request.outcome == Outcome.UNKNOWN
    assert request.finished_at
    assert "exported" in request.message


@pytest.mark.skipif(connection.vendor != "postgresql", reason="runs where both engines are: on PostgreSQL")
def test_sqlite_and_postgresql_hold_the_same_library(archive, tmp_path, start_empty, move_to):
    create_library()
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
    start_empty()
    import_archive(in_sqlite)
    in_postgresql = tmp_path / "two.tar"
    export(in_postgresql, "--originals")
    in_sqlite_again = through_sqlite(in_postgresql, "three")
    for other in (in_sqlite, in_postgresql, in_sqlite_again):
        assert read_tables(other) == read_tables(archive)
        assert read_file_list(other) == read_file_list(archive)


def test_ids_and_times_survive_on_every_database(archive, start_empty):
    asset = an_asset(owner=a_user("ana"), created_at=timezone.now() - timedelta(days=1000))
    Collection.objects.get_or_create_all(["A/B"])
    before = (
        asset.pk,
        asset.created_at,
        Asset.objects.get().updated_at,
        set(Collection.objects.values_list("pk", "path")),
    )
    export(archive)
    start_empty()
    import_archive(archive)
    asset = Asset.objects.get()
    assert before == (
        asset.pk, asset.created_at, asset.updated_at, set(Collection.objects.values_list("pk", "path")),
    )  # fmt: skip
    assert not UploadRequest.objects.exists()
