"""A library carried away as one archive and brought into an empty installation: to the last row, on either database."""

import io
import json
import os
import subprocess
import sys
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from assets import permissions
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
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_picture, a_request, a_stored_file, a_user, an_asset
from tests.support.segmind_server import KEY
from tests.transfer.archives import a_library, bring_in, bytes_of, export, files_in, tables_in, with_manifest, with_rows

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


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
    password = User.objects.get(username="ana").password
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


def test_addresses_stay_and_what_is_private_stays_so(archive, begin_anew):
    a_library()
    secret, public = Asset.objects.get(title="Secret"), Asset.objects.get(title="Bird 10")
    export(archive)
    begin_anew()
    bring_in(archive)
    as_ben = client_of(User.objects.get(username="Ben"))
    assert as_ben.get(public.get_absolute_url()).status_code == 200
    assert as_ben.get(secret.get_absolute_url()).status_code == 404


def test_what_was_brought_in_can_be_found(archive, begin_anew):
    a_library()
    export(archive)
    begin_anew()
    bring_in(archive)
    as_ben = client_of(User.objects.get(username="Ben"))
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
    ana = User.objects.get(username="ana")
    assert not ana.has_usable_password() and not client.login(username="ana", password=PASSWORD)
    assert permissions.get_role(User.objects.get(username="Ben")) == Role.MANAGER


def test_people_have_the_role_that_they_had(archive, begin_anew):
    roles = {role.value: a_user(role.value, role=role).username for role in Role} | {"member": a_user("plain").username}
    export(archive)
    begin_anew()
    assert "1 of them administrators" in bring_in(archive)
    people = User.objects.in_bulk(field_name="username")
    assert {permissions.get_role(people[name]).value: name for name in roles.values()} == roles
    assert people["administrator"].is_staff and not people["manager"].is_staff


def test_what_is_private_to_somebody_is_theirs_alone_again_under_the_same_name_as_the_teams(archive, begin_anew):
    a_library()
    export(archive)
    begin_anew()
    bring_in(archive)
    owners = Collection.objects.filter(path="Trips/2024").values_list("private_to__username", "parent__path")
    assert set(owners) == {(None, "Trips"), ("ana", "Trips"), ("Ben", "Trips")}
    assert Asset.objects.get(title="Secret").collections.get().private_to.username == "ana"
    assert Asset.objects.get(title="Bird 10").collections.count() == 3


def test_an_archive_of_before_there_were_private_collections_is_brought_in(archive, begin_anew):
    an_asset(title="Bird").set_labels(collections=["Trips/2024"])
    export(archive)
    with_rows(archive, "collections", lambda row: row.pop("private_to") and None)
    with tarfile.open(archive) as tar:
        tables = json.load(tar.extractfile("manifest.json"))["tables"]
    next(table for table in tables if table["name"] == "collections")["columns"].remove("private_to")
    with_manifest(archive, tables=tables)
    begin_anew()
    bring_in(archive)
    assert Asset.objects.get().collections.get() == Collection.objects.get(path="Trips/2024", private_to=None)


def test_what_is_stored_is_not_sent_again(archive, begin_anew, segmind, work, upload):
    content = a_picture()
    an_asset(owner=a_user("ana"), content=content)
    url = StoredFile.objects.get().url
    export(archive)
    begin_anew()
    bring_in(archive)
    work()
    answer = upload(client_of(User.objects.get(username="ana")), ("again.png", content))
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
    assert StoredFile.objects.reupload(timezone.now()) == 1
    export(archive)
    begin_anew()
    bring_in(archive)
    work()
    file = StoredFile.objects.get()
    assert (file.state, file.url) == (State.STORED, url) and "did not come along" in file.error
    assert segmind.received == []


def test_urls_get_their_host_and_the_mark_of_an_email_address_again(archive, begin_anew):
    a_stored_file(url="https://images.segmind.com/assets/ana%40example.com/1.jpg", stored_at=timezone.now())
    export(archive)
    begin_anew()
    bring_in(archive)
    file = StoredFile.objects.get()
    assert (file.url_host, file.url_has_address) == ("images.segmind.com", True)


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
    Collection.objects.get_or_create_all(["A/B"])
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
