"""The audit log in the admin: complete, searchable, exportable and without secrets."""

import csv
import io
import json

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command
from django.utils import timezone

from assets import trash
from assets.delivery.requeue import reupload
from assets.models import Asset, Collection, LinkStatus, State, StoredFile, Tag
from tests.conftest import client_of
from tests.support.factories import (
    PASSWORD,
    a_link,
    a_picture,
    a_stored_file,
    a_user,
    an_administrator,
    an_asset,
    many_assets,
)

pytestmark = pytest.mark.django_db

AUDIT, FILES, ASSETS = "/admin/auditlog/logentry/", "/admin/assets/storedfile/", "/admin/assets/asset/"
JSON = {"accept": "application/json"}


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def run_action(client, name: str, *rows, at: str = ASSETS, **more: str) -> None:
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows], "confirmed": "", **more}
    assert client.post(at, chosen).status_code == 302


def read_records(client, **parameters: str) -> list[dict]:
    """The records shown with these parameters, oldest first, read from the JSON export."""
    first = LogEntry.objects.first()
    chosen = {"action": "export_json", "_selected_action": [first.pk], "select_across": "1", "confirmed": ""}
    response = client.post(AUDIT, chosen, query_params=parameters)
    return json.loads(b"".join(response.streaming_content))["records"][::-1]


def summarise(record: dict) -> tuple:
    changes = {field: (change["before"], change["after"]) for field, change in record["changes"].items()}
    return record["by"], record["did"], record["sort"], record["name"], changes


# --- Completeness ----------------------------------------------------------------------------------------------------


def test_every_kind_of_change_is_recorded(as_ana, ana, as_root, upload, segmind, work, tmp_path, settings):
    ben = a_user("ben")
    LogEntry.objects.all().delete()

    # By page and by JSON: an upload, an edit, many at once, a tag renamed.
    uploaded = upload(as_ana, ("a.png", a_picture()), tags="sea", collection="Trips")["results"][0]["asset"]["id"]
    asset = Asset.objects.get(pk=uploaded)
    as_ana.post(asset.get_absolute_url(), {"title": "Harbour", "description": "at night"})
    bulk = {"id": [uploaded], "action": "tag", "tags": "night", "confirmed": "1"}
    assert as_ana.post("/assets/bulk/", bulk, headers=JSON).json()["changed"] == 1
    sea = Tag.objects.get(name="sea")
    as_ana.post(f"/tags/{sea.pk}/", {"name": "Ocean"})
    # In the administration: by form and by action.
    fields = {"title": "Port", "description": "at night", "visibility": "team", "tags": [str(sea.pk)]}
    as_root.post(f"{ASSETS}{uploaded}/change/", fields)
    run_action(as_root, "hand_over", asset, owner=str(ben.pk))
    run_action(as_root, "visibility", asset, visibility="private")
    run_action(as_root, "delete", Collection.objects.get(), at="/admin/assets/collection/")
    failed = a_stored_file(state=State.FAILED)
    run_action(as_root, "retry", failed, at=FILES)
    lost = a_link(segmind, link_status=LinkStatus.BROKEN)
    segmind.kill(lost.url)
    run_action(as_root, "reupload", lost, at=FILES)
    work()
    # People, and what they may.
    person = {"username": "ben", "first_name": "Benedikt"}
    assert as_root.post(f"/admin/assets/user/{ben.pk}/change/", person).status_code == 302
    assert as_root.post(f"/people/{ben.pk}/", {"action": "role", "role": "manager"}).status_code == 302
    passwords = {"password1": f"{PASSWORD} too", "password2": f"{PASSWORD} too", "usable_password": "true"}
    assert as_root.post(f"/admin/assets/user/{ben.pk}/password/", passwords).status_code == 302
    # By a command, by the worker, and for good.
    (tmp_path / "b.png").write_bytes(a_picture())
    call_command("import_files", str(tmp_path), "--owner", "ana")
    run_action(as_root, "trash", asset)
    run_action(as_root, "purge", asset, at=f"{ASSETS}?trash=yes")
    work()

    found = [summarise(record) for record in read_records(as_root)]
    gone, sort = "Deleted asset", "Asset"
    new_url = StoredFile.objects.get(pk=lost.pk).url
    content = StoredFile.objects.get(pk=asset.stored_file_id)
    for wanted in [
        ("ana", "created", sort, gone, {}),
        ("ana", "changed", sort, gone, {}),
        ("ana", "created", "Tag", "sea", {"name": ("None", "sea")}),
        ("ana", "created", "Collection", "Trips", {"path": ("None", "Trips")}),
        ("ana", "changed", "Tag", "Ocean", {"name": ("sea", "Ocean")}),
        ("root", "changed", sort, gone, {}),
        ("root", "changed", "Collection", "Trips", {"deleted": ("Trips", "")}),
        ("root", "deleted", "Collection", "Trips", {"path": ("Trips", "None")}),
        ("root", "changed", "Stored file", str(failed), {"state": ("failed", "queued")}),
        ("root", "changed", "Stored file", str(lost), {"state": ("stored, broken", "queued")}),
        ("delivery", "changed", "Stored file", str(lost), {"url": (lost.url, new_url)}),
        ("root", "changed", "Person", "ben", {"first_name": ("", "Benedikt")}),
        ("root", "changed", "Person", "ben", {"role": ("member", "manager")}),
        ("root", "changed", "Person", "ben", {"password": ("", "changed")}),
        ("import_files", "created", sort, "b", {}),
        ("root", "deleted", sort, gone, {}),
        ("release", "changed", "Stored file", str(content), {"kept": ("everything", "hash and URL")}),
    ]:
        assert any(_fits(wanted, one) for one in found), (wanted, found)
    # Of what is no more, what was done and by whom stays: the upload with its labels, the edit, a tag; a correction,
    # another owner, who sees it, the collection taken off, the trash, and the end.
    assert [by for by, _, _, name, _ in found if name == gone].count("ana") == 4
    assert [by for by, _, _, name, _ in found if name == gone].count("root") >= 6
    words = json.dumps(found)
    assert not any(
        secret in words for secret in ("Harbour", "at night", PASSWORD, "pbkdf2", "md5$", settings.SEGMIND_API_KEY)
    )
    assert {record["from"] for record in read_records(as_root) if record["by"] in ("ana", "root")} == {"127.0.0.1"}


def _fits(wanted: tuple, found: tuple) -> bool:
    """Of what a row holds when it is made or removed, only what is asked for."""
    *whose, changes = wanted
    return tuple(whose) == found[:4] and changes.items() <= found[4].items()


def test_records_have_values_before_and_after(as_root, ana, ben):
    asset = an_asset(owner=ana, title="Harbour")
    LogEntry.objects.all().delete()
    run_action(as_root, "hand_over", asset, owner=str(ben.pk))
    run_action(as_root, "visibility", asset, visibility="private")
    run_action(as_root, "trash", asset)
    handed, hidden, trashed = read_records(as_root, q=str(asset.pk))
    assert summarise(handed) == ("root", "changed", "Asset", "Harbour", {"owner": ("ana", "ben")})
    assert summarise(hidden)[4] == {"visibility": ("team", "private")}
    assert summarise(trashed)[4]["trashed_at"][0] == "None"


# --- Changes outside forms ----------------------------------------------------------------------------------


def test_assets_deleted_from_the_trash_are_recorded_by_the_task(as_root, ana, settings):
    settings.TRASH_DAYS = 1
    asset = an_asset(owner=ana, trashed_at=timezone.now() - timezone.timedelta(days=2))
    trash.delete_expired(timezone.now())
    assert summarise(read_records(as_root, q=str(asset.pk))[-1])[:2] == ("empty_trash", "deleted")


def test_a_command_of_django_is_recorded_by_its_name(as_root, ana, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/srv/manage.py", "changepassword", "ana"])
    ana.set_password("another one, for a test")
    ana.save()
    wanted = ("changepassword", "changed", "Person", "ana", {"password": ("", "changed")})
    assert summarise(read_records(as_root, type="user")[-1]) == wanted


def test_a_reupload_by_a_command_is_recorded_by_its_name(as_root, segmind, settings):
    settings.LINK_RETRY_SECONDS = 0
    file = a_link(segmind)
    segmind.kill(file.url)
    call_command("check_links", "--all", "--reupload")
    assert summarise(read_records(as_root, q=file.url)[-1])[:2] == ("check_links", "changed")


def test_a_merge_records_the_target_of_nested_collections_too(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    an_asset(owner=ana).set_labels(collections=["Travel/2024"])
    source, target = Collection.objects.get(path="Trips"), Collection.objects.get(path="Travel")
    run_action(as_root, "merge", source, at="/admin/assets/collection/", target=str(target.pk))
    merged = [summarise(record)[4]["merged"] for record in read_records(as_root) if "merged" in record["changes"]]
    assert sorted(merged) == [("Trips", "Travel"), ("Trips/2024", "Travel/2024")]


def test_renaming_a_collection_records_nested_collections_too(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    moved = Collection.objects.get(path="Trips")
    as_root.post(f"/admin/assets/collection/{moved.pk}/change/", {"name": "Travel"})
    paths = [summarise(record)[4].get("path") for record in read_records(as_root)]
    assert ("Trips", "Travel") in paths
    assert ("Trips/2024", "Travel/2024") in paths


def test_a_failed_file_retried_by_an_upload_is_recorded(as_ana, upload, as_root):
    content = a_picture()
    file = a_stored_file(content=content, state=State.FAILED)
    upload(as_ana, ("a.png", content))
    (record,) = read_records(as_root, type="storedfile")
    assert summarise(record) == ("ana", "changed", "Stored file", str(file), {"state": ("failed", "queued")})


def test_signing_in_is_not_recorded(client, ana):
    LogEntry.objects.all().delete()
    client.post("/accounts/login/", {"username": "ana", "password": PASSWORD})
    assert not LogEntry.objects.exists()


# --- Search, filters, exports -------------------------------------------------------------------------------------


def test_records_are_found_by_person_asset_word_and_file(as_root, ana, ben):
    asset = an_asset(owner=ana, title="Harbour")
    client_of(ben).post("/upload/", {})
    with_ben = an_asset(owner=ben, title="Other")
    LogEntry.objects.all().delete()
    client_of(ana).post(asset.get_absolute_url(), {"title": "Harbour at night"})
    client_of(ben).post(with_ben.get_absolute_url(), {"title": "Other one"})
    for text in ("ana", str(asset.pk), "harbour", "Müller", asset.stored_file.url):
        assert [summarise(record)[0] for record in read_records(as_root, q=text)] == ["ana"], text
    run = read_records(as_root, q="ana")[0]["run"]
    assert len(read_records(as_root, q=run)) == 1


def test_records_are_filtered_by_action_type_person_and_day(as_root, ana):
    an_asset(owner=ana, tags=("sea",))
    made, changed = (read_records(as_root, type="user", change=change) for change in ("0", "1"))
    assert {record["did"] for record in made} == {"created"}
    assert made
    assert len(read_records(as_root, type="user")) == len(made) + len(changed)
    assert [summarise(record)[3] for record in read_records(as_root, type="tag")] == ["sea"]
    assert read_records(as_root, person=str(ana.pk)) == []
    today = timezone.localtime().replace(hour=12)
    LogEntry.objects.update(timestamp=today)
    parts = {"timestamp__year": today.year, "timestamp__month": today.month, "timestamp__day": today.day}
    assert len(read_records(as_root, **parts)) == len(read_records(as_root))


def test_records_are_exported_as_csv(as_root, ana):
    run_action(as_root, "visibility", an_asset(owner=ana, title="=1+1"), visibility="private")
    chosen = {"action": "export_csv", "_selected_action": [LogEntry.objects.first().pk], "select_across": "1"}
    assert "Download" in as_root.post(AUDIT, chosen).content.decode()
    response = as_root.post(AUDIT, chosen | {"confirmed": ""})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert (rows[0]["by"], rows[0]["changes"]) == ("root", "visibility: team → private")
    assert rows[0]["name"] == "'=1+1"


def test_records_cannot_be_changed(as_root, ana):
    an_asset(owner=ana)
    record = LogEntry.objects.first()
    page = as_root.get(f"{AUDIT}{record.pk}/change/")
    assert page.status_code == 200
    assert as_root.post(f"{AUDIT}{record.pk}/change/", {"object_repr": "x"}).status_code == 403
    assert as_root.post(f"{AUDIT}{record.pk}/delete/", {"post": "yes"}).status_code == 403
    assert as_root.post(f"{AUDIT}add/").status_code == 403


def test_the_history_link_of_an_asset_opens_its_records(as_root, ana):
    asset = an_asset(owner=ana)
    response = as_root.get(f"{ASSETS}{asset.pk}/history/")
    assert response["location"] == f"{AUDIT}?q={asset.pk}"


def test_the_audit_log_takes_few_queries(as_root, ana, django_assert_max_num_queries):
    assets = many_assets(30, owner=ana)
    run_action(as_root, "trash", *assets)
    as_root.get(AUDIT)
    with django_assert_max_num_queries(8):
        assert as_root.get(AUDIT).status_code == 200


def test_members_do_not_see_the_audit_log(as_ana):
    assert as_ana.get(AUDIT).status_code == 302


def test_each_of_many_reuploaded_files_is_recorded(segmind, as_root):
    files = [a_link(segmind, link_status=LinkStatus.CHANGED, size=200) for _ in range(5)]
    LogEntry.objects.all().delete()
    reupload(StoredFile.objects.all())
    assert LogEntry.objects.count() == len(files)


def test_what_a_person_did_is_found_by_name_in_any_case(as_root):
    anya = a_user("anya", first_name="Аня")
    client_of(anya).post(an_asset(owner=anya).get_absolute_url(), {"tags": "море"})
    assert "Tag" in {record["sort"] for record in read_records(as_root, q="АНЯ")}
