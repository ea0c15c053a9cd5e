"""What happened to an entry, and who is told."""

import uuid

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from assets.audit import log
from assets.audit.log import audit_context, record_changes
from assets.models import Asset, Visibility
from tests.conftest import client_of
from tests.support.factories import a_picture, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

TEAM, PRIVATE = Visibility.TEAM, Visibility.PRIVATE


def acts(asset: Asset, user) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """What was done to an entry since it was uploaded: by whom, and which fields went from what to what."""
    found = log.of(Asset.objects.get(pk=asset.pk), user=user)
    return [(act.by, {c.field: (c.before, c.after) for c in act.changes}) for act in found if not act.is_upload]


def edit(client: Client, asset: Asset, **fields: str) -> None:
    assert client.post(asset.get_absolute_url(), fields).status_code == 302


def test_an_edit_is_one_act_with_what_was_there_before_and_after(as_ana, ana):
    entry = an_asset(owner=ana, title="before", tags=("old", "kept"))
    LogEntry.objects.all().delete()
    edit(as_ana, entry, title="after", tags="kept, new, newer", collections="Trips/2024", description="By the sea")
    assert acts(entry, ana) == [
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
    edit(as_ana, entry, title="after")
    assert len(acts(entry, ana)) == 1


def test_an_upload_is_known_with_its_person_and_address(as_ana, upload, ana):
    (result,) = upload(as_ana, ("a.png", a_picture()), tags="one, two", collection="Trips")["results"]
    (act,) = log.of(Asset.objects.get(pk=result["asset"]["id"]), user=ana)
    assert (act.is_upload, act.by, act.changes) == (True, "ana", ())
    entry, labels = LogEntry.objects.filter(object_pk=result["asset"]["id"]).order_by("pk")
    assert (entry.action, entry.remote_addr) == (LogEntry.Action.CREATE, "127.0.0.1")
    assert labels.changes == {"tags": ["", "one, two"], "collections": ["", "Trips"]}
    assert (labels.cid, labels.actor, labels.remote_addr) == (entry.cid, ana, "127.0.0.1")


def test_the_trash_and_the_way_back_are_told(as_ana, ana):
    entry = an_asset(owner=ana)
    as_ana.post(entry.get_absolute_url() + "trash/")
    as_ana.post(entry.get_absolute_url() + "restore/")
    (restored, trashed) = [changes["trashed_at"] for _, changes in acts(entry, ana)]
    assert (restored[1], trashed[0]) == ("None", "None") and trashed[1] == restored[0] != "None"


def test_what_the_administration_changes_is_its_doing(ana):
    entry = an_asset(owner=ana, title="before")
    fields = {"title": "after", "description": "", "visibility": "team"}
    response = client_of(an_administrator()).post(f"/admin/assets/asset/{entry.pk}/change/", fields)
    assert response.status_code == 302
    assert acts(entry, ana) == [("root", {"title": ("before", "after")})]


def test_what_a_command_does_is_known_by_its_name(ana, tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    call_command("import_files", str(tmp_path), "--owner", "ana")
    (act,) = log.of(Asset.objects.get(), user=ana)
    assert (act.by, act.is_upload) == ("import_files", True)


def test_changes_in_one_statement_can_be_noted_for_many_entries_at_once(ana, ben, django_assert_num_queries):
    entries = [an_asset(owner=ana) for _ in range(30)]
    record_changes([(entries[0], {"title": ("x", "y")})], actor=ana)
    with django_assert_num_queries(1):
        record_changes([(entry, {"tags": ("old", "new, newer")}) for entry in entries], actor=ben)
    assert acts(entries[0], ana)[0] == acts(entries[29], ana)[0] == ("ben", {"tags": ("old", "new, newer")})
    record_changes([(entries[0], {"visibility": ("team", "private")})], actor="empty_trash")
    assert acts(entries[0], ana)[0] == ("empty_trash", {"visibility": ("team", "private")})


def test_what_is_derived_of_the_words_is_not_recorded(ana):
    entry = an_asset(owner=ana)
    count = LogEntry.objects.count()
    Asset.objects.update(search_text="", title_key="")
    Asset.objects.reindex()
    entry.refresh_from_db()
    entry.save()
    assert LogEntry.objects.count() == count


def test_what_was_said_while_an_entry_was_private_stays_its_owners(as_ana, ana, ben):
    entry = an_asset(owner=ana, title="secret plan", file_name="1.png", visibility=PRIVATE)
    edit(as_ana, entry, title="more secret", tags="hush")
    edit(as_ana, entry, title="Announced", description="now public", tags="news", visibility=TEAM)
    edit(as_ana, entry, title="Announced at last")
    assert acts(entry, ben) == [
        ("ana", {"title": ("Announced", "Announced at last")}),
        ("ana", {"visibility": ("private", "team")}),
    ]
    assert [changes.get("title") for _, changes in acts(entry, ana)] == [
        ("Announced", "Announced at last"), ("more secret", "Announced"), ("secret plan", "more secret"),
    ]  # fmt: skip
    page = client_of(ben).get(entry.get_absolute_url()).content.decode()
    assert "Announced at last" in page and "secret" not in page and "hush" not in page


def test_a_new_owner_does_not_learn_what_the_former_one_kept_private(as_ana, ana, ben):
    entry = an_asset(owner=ana, title="secret plan", visibility=PRIVATE)
    edit(as_ana, entry, title="handed over")
    with audit_context(user=an_administrator()):
        entry.refresh_from_db()
        entry.owner = ben
        entry.save()
    assert acts(entry, ben) == [("root", {"owner": ("ana", "ben")})]


def test_an_entry_that_is_removed_keeps_its_record_without_its_words(as_ana, ana):
    entry = an_asset(owner=ana, title="secret plan", description="hush")
    edit(as_ana, entry, title="more secret", tags="classified")
    pk = entry.pk
    with audit_context(name="empty_trash"):
        Asset.objects.filter(pk=pk).delete()
    kept = LogEntry.objects.filter(object_pk=str(pk)).order_by("pk")
    assert kept.first().action == LogEntry.Action.CREATE and kept.last().action == LogEntry.Action.DELETE
    assert kept.last().additional_data == {"by": "empty_trash", "stored_file": str(entry.stored_file_id)}
    words = str(list(kept.values()))
    assert "ana" in words and not any(word in words for word in ("secret", "hush", "classified"))


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("", "127.0.0.1"), ("6.6.6.6, 10.0.0.7", "10.0.0.7"), ("<script>", None), ("2001:db8::1", "2001:db8::1")],
)
def test_the_address_is_the_one_that_the_proxy_saw(as_ana, ana, settings, forwarded, address):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    entry = an_asset(owner=ana)
    headers = {"x-forwarded-for": forwarded, "x-correlation-id": "x" * 300, "x-forwarded-port": "9" * 30}
    as_ana.post(entry.get_absolute_url(), {"title": "new"}, headers=headers)
    assert LogEntry.objects.filter(action=LogEntry.Action.UPDATE).latest().remote_addr == address


def test_without_a_proxy_nobody_can_say_where_they_come_from(as_ana, ana):
    entry = an_asset(owner=ana)
    as_ana.post(entry.get_absolute_url(), {"title": "new"}, headers={"x-forwarded-for": "6.6.6.6"})
    assert LogEntry.objects.filter(action=LogEntry.Action.UPDATE).latest().remote_addr == "127.0.0.1"


def test_a_change_is_nobodys_where_nobody_is_named(ana):
    entry = an_asset(owner=ana)
    entry.trash(timezone.now())
    assert acts(entry, ana)[0][0] == ""


def test_an_entry_without_a_record_has_none():
    assert log.of(Asset(pk=uuid.uuid4(), owner=a_user()), user=a_user()) == []
