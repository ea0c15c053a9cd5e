"""What the log records about an asset, and who may see it."""

import uuid

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from assets.accounts.reassignment import reassign
from assets.audit import history
from assets.audit.log import audit_context, record_changes
from assets.models import Asset, Role, User, Visibility
from tests.conftest import client_of
from tests.support.factories import a_picture, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

TEAM, PRIVATE = Visibility.TEAM, Visibility.PRIVATE


def read_events(asset: Asset, user) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """The actor and the changed fields of each event after the upload."""
    events = history.for_asset(Asset.objects.get(pk=asset.pk), user=user)
    return [
        (event.actor, {change.field: (change.before, change.after) for change in event.changes})
        for event in events
        if not event.is_creation
    ]


def edit(client: Client, asset: Asset, **fields: str) -> None:
    url = asset.get_absolute_url()
    version = client.get(url, headers={"accept": "application/json"}).json()["version"]
    assert client.post(url, {"version": version, **fields}).status_code == 302


def test_an_edit_is_one_event_with_values_before_and_after(as_ana, ana):
    asset = an_asset(owner=ana, title="before", tags=("old", "kept"))
    LogEntry.objects.all().delete()
    edit(as_ana, asset, title="after", tags="kept, new, newer", collections="Trips/2024", description="By the sea")
    assert read_events(asset, ana) == [
        (
            "ana",
            {
                "title": ("before", "after"),
                "description": ("", "By the sea"),
                "tags": ("old", "new, newer"),
                "collections": ("", "Trips/2024"),
            },
        )
    ]
    edit(as_ana, asset, title="after")
    assert len(read_events(asset, ana)) == 1


def test_an_upload_is_recorded_with_person_and_ip_address(as_ana, upload, ana):
    (result,) = upload(as_ana, ("a.png", a_picture()), tags="one, two", collection="Trips")["results"]
    (event,) = history.for_asset(Asset.objects.get(pk=result["asset"]["id"]), user=ana)
    assert (event.is_creation, event.actor, event.changes) == (True, "ana", ())
    created, labels = LogEntry.objects.filter(object_pk=result["asset"]["id"]).order_by("pk")
    assert (created.action, created.remote_addr) == (LogEntry.Action.CREATE, "127.0.0.1")
    assert labels.changes == {"tags": ["", "one, two"], "collections": ["", "Trips"]}
    assert (labels.cid, labels.actor, labels.remote_addr) == (created.cid, ana, "127.0.0.1")


def test_trashing_and_restoring_are_recorded(as_ana, ana):
    asset = an_asset(owner=ana)
    as_ana.post(asset.get_absolute_url() + "trash/")
    as_ana.post(asset.get_absolute_url() + "restore/")
    (restored, trashed) = [changes["trashed_at"] for _, changes in read_events(asset, ana)]
    assert (restored[1], trashed[0]) == ("None", "None")
    assert trashed[1] == restored[0] != "None"


def test_an_edit_in_the_admin_is_recorded_with_the_administrator(ana):
    asset = an_asset(owner=ana, title="before")
    fields = {"title": "after", "description": "", "visibility": "team"}
    response = client_of(an_administrator()).post(f"/admin/assets/asset/{asset.pk}/change/", fields)
    assert response.status_code == 302
    assert read_events(asset, ana) == [("root", {"title": ("before", "after")})]


def test_a_command_is_recorded_by_its_name(ana, tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    call_command("import_files", str(tmp_path), "--owner", "ana")
    (event,) = history.for_asset(Asset.objects.get(), user=ana)
    assert (event.actor, event.is_creation) == ("import_files", True)


def test_changes_of_many_assets_are_recorded_in_one_query(ana, ben, django_assert_num_queries):
    assets = [an_asset(owner=ana) for _ in range(30)]
    record_changes([(assets[0], {"title": ("x", "y")})], actor=ana)
    with django_assert_num_queries(1):
        record_changes([(asset, {"tags": ("old", "new, newer")}) for asset in assets], actor=ben)
    assert read_events(assets[0], ana)[0] == read_events(assets[29], ana)[0] == ("ben", {"tags": ("old", "new, newer")})
    record_changes([(assets[0], {"visibility": ("team", "private")})], actor="empty_trash")
    assert read_events(assets[0], ana)[0] == ("empty_trash", {"visibility": ("team", "private")})


def test_derived_columns_are_not_recorded(ana):
    asset = an_asset(owner=ana)
    count = LogEntry.objects.count()
    Asset.objects.update(search_text="", title_key="")
    Asset.objects.reindex()
    asset.refresh_from_db()
    asset.save()
    assert LogEntry.objects.count() == count


def test_only_the_owner_sees_changes_made_while_the_asset_was_private(as_ana, ana, ben):
    asset = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, asset, title="more secret", tags="hush")
    edit(as_ana, asset, title="Announced", description="now public", tags="news", visibility=TEAM)
    edit(as_ana, asset, title="Announced at last")
    assert read_events(asset, ben) == [
        ("ana", {"title": ("Announced", "Announced at last")}),
        ("ana", {"visibility": ("private", "team")}),
    ]
    assert [changes.get("title") for _, changes in read_events(asset, ana)] == [
        ("Announced", "Announced at last"), ("more secret", "Announced"), ("secret plan", "more secret"),
    ]  # fmt: skip
    page = client_of(ben).get(asset.get_absolute_url()).content.decode()
    assert "Announced at last" in page
    assert "secret" not in page
    assert "hush" not in page


def test_a_new_owner_does_not_see_private_changes_of_the_former_owner(as_ana, ana, ben):
    asset = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, asset, title="handed over")
    with audit_context(user=an_administrator()):
        asset.refresh_from_db()
        asset.owner = ben
        asset.save()
    assert read_events(asset, ben) == [("root", {"owner": ("ana", "ben")})]


def test_a_deleted_asset_keeps_its_records_without_its_words(as_ana, ana):
    asset = an_asset(owner=ana, title="secret plan", description="hush")
    edit(as_ana, asset, title="more secret", tags="classified")
    pk = asset.pk
    with audit_context(name="empty_trash"):
        Asset.objects.filter(pk=pk).delete()
    kept = LogEntry.objects.filter(object_pk=str(pk)).order_by("pk")
    assert kept.first().action == LogEntry.Action.CREATE
    assert kept.last().action == LogEntry.Action.DELETE
    assert kept.last().additional_data == {"by": "empty_trash", "stored_file": str(asset.stored_file_id)}
    words = str(list(kept.values()))
    assert "ana" in words
    assert not any(word in words for word in ("secret", "hush", "classified"))


def test_the_ip_address_is_the_one_the_proxy_saw(as_ana, ana):
    asset = an_asset(owner=ana)
    headers = {"x-forwarded-for": "6.6.6.6, 198.51.100.7", "x-correlation-id": "x" * 300, "x-forwarded-port": "9" * 30}
    as_ana.post(asset.get_absolute_url(), {"title": "new"}, headers=headers)
    assert LogEntry.objects.filter(action=LogEntry.Action.UPDATE).latest().remote_addr == "198.51.100.7"


def test_a_change_outside_any_context_has_no_actor(ana):
    asset = an_asset(owner=ana)
    asset.trash(timezone.now())
    assert read_events(asset, ana)[0][0] == ""


def test_an_asset_without_log_entries_has_no_history():
    assert history.for_asset(Asset(pk=uuid.uuid4(), owner=a_user()), user=a_user()) == []


def rename(person: User, username: str) -> None:
    person.username = username
    person.save()


def give(asset: Asset, to: User) -> None:
    with audit_context(user=User.objects.filter(role=Role.ADMINISTRATOR).first() or an_administrator()):
        asset.refresh_from_db()
        asset.owner = to
        asset.save()


def test_private_history_stays_with_the_account_whoever_has_its_name_later(as_ana, ana, ben):
    asset = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, asset, title="more secret")
    edit(as_ana, asset, title="handed over")
    give(asset, ben)
    edit(client_of(ben), asset, visibility=TEAM)
    rename(ana, "anna")
    imposter = a_user("ana")
    assert "secret" not in client_of(imposter).get(asset.get_absolute_url()).content.decode()
    assert "secret plan" in client_of(ana).get(asset.get_absolute_url()).content.decode()


def test_whoever_gets_the_name_of_the_present_owner_learns_nothing(as_ana, ana, ben):
    asset = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, asset, title="announced", visibility=TEAM)
    rename(ana, "anna")
    rename(ben, "ana")
    assert "secret" not in client_of(ben).get(asset.get_absolute_url()).content.decode()
    assert "secret plan" in as_ana.get(asset.get_absolute_url()).content.decode()


def test_a_new_account_with_the_name_of_a_deleted_one_learns_nothing(as_ana, ana, ben):
    asset = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, asset, title="handed over")
    reassign(ana, ben, with_private=True)
    edit(client_of(ben), asset, visibility=TEAM)
    ana.delete()
    assert "secret" not in client_of(a_user("ana")).get(asset.get_absolute_url()).content.decode()
