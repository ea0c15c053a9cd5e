"""Making, changing and revoking links, and who may."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assets.audit.log import LogEntry
from assets.models import Collection, Role, Share, ShareItem
from segmind_site.log import ShareTokenFilter
from tests.conftest import client_of
from tests.shares.steps import a_picture_of, make_share
from tests.support.factories import a_user, many_assets

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def test_the_dialog_says_what_is_shared_and_what_is_left_out(ana, as_ana):
    assets = [a_picture_of(ana, visibility=visibility) for visibility in ("team", "team", "private")]
    trashed = a_picture_of(ana)
    trashed.trash(timezone.now())
    sent = {"id": [asset.pk for asset in (*assets, trashed)], "next": "/?q=sunset"}
    page = as_ana.post("/shares/new/", sent).content.decode()
    assert "Share 3 assets" in page
    assert "1 selected asset is left out" in page
    assert "Show 1 private asset of yours, too" in page
    assert 'href="/?q=sunset"' in page
    assert 'value="Ana Müller"' in page
    assert 'value="3 assets"' in page
    dialog = as_ana.post("/shares/new/", sent, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in dialog
    alone = as_ana.get("/shares/new/", {"id": assets[0].pk}).content.decode()
    assert f'href="{assets[0].get_absolute_url()}">Cancel' in alone
    assert 'id="dialog-title"' in dialog


def test_a_link_is_made_shown_and_copied_again(ana, as_ana):
    asset = a_picture_of(ana)
    sent = {"id": asset.pk, "name": "For Jo", "expires": "7", "confirmed": "1"}
    made = as_ana.post("/shares/new/", sent, headers={"hx-request": "true"}).content.decode()
    link = made.partition('data-copy="')[2].partition('"')[0]
    assert link.startswith("http://testserver/s/")
    page = as_ana.post("/shares/new/", sent | {"name": "Again"}, follow=True)
    share = Share.objects.get(name="Again")
    assert page.request["PATH_INFO"] == f"/shares/{share.pk}/"
    assert "Link created." in page.content.decode()
    listed = as_ana.get("/shares/").content.decode()
    assert link in listed
    assert listed.index("Again") < listed.index("For Jo")
    assert "Active" in listed
    assert "1 asset" in listed
    assert "0 views" in listed
    assert f"/assets/{asset.pk}/preview/" in listed
    assert link.split("/")[-2] not in str(list(Share.objects.values()))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, timedelta(days=7)),
        ({"expires": "1"}, timedelta(days=1)),
        ({"expires": "30", "expires_on": "no date"}, timedelta(days=30)),
        ({"expires": "never"}, None),
    ],
)
def test_a_link_expires_after_a_week_if_nothing_else_is_said(ana, share_of, fields, expected):
    share, _ = share_of(a_picture_of(ana), **fields)
    lasts = share.expires_at and share.expires_at - share.created_at
    assert lasts == expected


def test_a_link_may_be_open_to_the_end_of_a_day(ana, as_ana, share_of):
    day = timezone.localdate() + timedelta(days=3)
    share, _ = share_of(a_picture_of(ana), expires="date", expires_on=day.isoformat())
    assert share.expires_at == datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
    for wrong, code in (("", "required"), ("2020-01-01", "past"), ("9999-12-31", "far"), ("soon", "invalid")):
        sent = {"name": "x", "expires": "date", "expires_on": wrong}
        answer = as_ana.post(f"/shares/{share.pk}/", sent, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["errors"]["expires_on"][0]["code"] == code


def test_what_cannot_be_shared_is_said(ana, as_ana):
    trashed = a_picture_of(ana, trashed_at=timezone.now())
    many = [asset.pk for asset in many_assets(3, owner=ana)]
    empty = Collection.objects.get_or_create_by_name("Empty", ana)
    Collection.objects.update(made_by=ana)
    for sent, word in (
        ({}, "Nothing selected"),
        ({"id": trashed.pk}, "None of these assets can be shared"),
        ({"id": "x"}, "invalid id"),
        ({"id": many, "confirmed": "1"}, "This field is required"),
        ({"id": many, "confirmed": "1", "name": "x", "seen": "other"}, "The selection has changed"),
        ({"id": many, "confirmed": "1", "name": "x", "password": "short"}, "at least 6 characters"),
        ({"collection": empty.pk, "confirmed": "1", "name": "x"}, "This collection is empty"),
        ({"collection": "x"}, "no such collection"),
    ):
        response = as_ana.post("/shares/new/", sent)
        assert response.status_code == 400, word
        assert word in response.content.decode()
    assert not Share.objects.exists()
    assert as_ana.get("/shares/new/")["location"] == "/shares/"
    unknown = {"collection": "00000000-0000-0000-0000-000000000000"}
    assert as_ana.post("/shares/new/", unknown).status_code == 404


def test_somebody_elses_private_collection_cannot_be_shared(ana, ben, as_ana):
    secret = Collection.objects.get_or_create_by_name("Secret", ben, is_private=True)
    assert as_ana.get("/shares/new/", {"collection": secret.pk}).status_code == 404


def test_settings_are_changed_by_who_made_the_link_alone(ana, as_ana, as_ben, share_of):
    share, _path = share_of(a_picture_of(ana), password="open sesame", shows_urls="1")
    kept = share.expires_at
    last_day = timezone.localdate(kept - timedelta(microseconds=1)).isoformat()
    sent = {"name": "New title", "expires": "date", "expires_on": last_day}
    assert as_ana.post(f"/shares/{share.pk}/", sent).status_code == 302
    share.refresh_from_db()
    assert (share.name, share.shows_urls, share.expires_at) == ("New title", False, kept)
    assert share.password
    as_ana.post(f"/shares/{share.pk}/", {"name": "x", "expires": "never", "remove_password": "1"})
    share.refresh_from_db()
    assert (share.password, share.expires_at) == ("", None)
    assert as_ben.post(f"/shares/{share.pk}/", sent).status_code == 404
    assert "New title" not in as_ben.get("/shares/").content.decode()


def test_managers_see_and_revoke_all_links_but_not_what_is_private(ana, as_ana, visitor):
    manager = a_user("max", role=Role.MANAGER)
    as_max = client_of(manager)
    own = a_picture_of(ana, "Sapphire", visibility="private")
    share, path = make_share(as_ana, own, name="Sapphire", includes_private="1")
    _, open_path = make_share(as_ana, a_picture_of(ana), name="Harbour")
    listed = as_max.get("/shares/").content.decode()
    assert "Harbour" in listed
    assert f"/assets/{own.pk}/" not in listed
    assert open_path in listed
    assert " · by ana" in listed
    assert "Sapphire" not in listed
    assert path not in listed
    assert "Private assets" in listed
    page = as_max.get(f"/shares/{share.pk}/")
    assert b"Sapphire" not in page.content
    assert path.encode() not in page.content
    assert as_max.get("/shares/?by=me").content.decode().count("Harbour") == 0
    assert as_max.post(f"/shares/{share.pk}/", {"name": "Mine"}).status_code == 403
    assert as_max.post(f"/shares/{share.pk}/revoke/").status_code == 302
    assert visitor.get(path).status_code == 404
    undo = f"/shares/{share.pk}/revoke/?undo=1"
    as_ana.post(undo)
    assert visitor.get(path).status_code == 404
    assert undo in as_max.get("/shares/").content.decode()
    as_max.post(undo)
    assert visitor.get(path).status_code == 200
    as_max.post(f"/shares/{share.pk}/revoke/")
    Share.objects.filter(pk=share.pk).update(revoked_at=timezone.now() - timedelta(hours=2))
    as_max.post(undo)
    assert visitor.get(path).status_code == 404
    assert " by max" in as_ana.get("/shares/").content.decode()
    share.refresh_from_db()
    assert share.revoked_by == manager
    assert as_ana.post(f"/shares/{share.pk}/", {"name": "Back", "expires": "never"}).status_code == 400


def test_links_are_in_the_audit_log_without_what_they_are_called(ana, as_ana, share_of):
    share, path = share_of(a_picture_of(ana), name="Sapphire", password="open sesame")
    as_ana.post(
        f"/shares/{share.pk}/", {"name": "Sapphire", "expires": "never", "shows_urls": "1", "password": "another one"}
    )
    as_ana.post(f"/shares/{share.pk}/revoke/")
    Client().get(path)
    entries = list(LogEntry.objects.filter(object_pk=str(share.pk)).order_by("pk"))
    assert [entry.actor.username for entry in entries] == ["ana"] * len(entries)
    changed = [set(entry.changes) for entry in entries]
    assert {"shows_urls", "expires_at"} <= changed[1]
    assert {"password"} in changed
    assert "revoked_at" in changed[-1]
    assert not any(
        word in str([entry.changes, entry.object_repr]) for entry in entries for word in ("Sapphire", "another")
    )


def test_a_thousand_links_are_listed_in_pages(ana, as_ana, django_assert_max_num_queries):
    now = timezone.now()
    Share.objects.bulk_create(
        Share(created_by=ana, name=f"Link {number:04}", created_at=now - timedelta(hours=number))
        for number in range(120)
    )
    names, address = [], "/shares/"
    while address:
        with django_assert_max_num_queries(8):
            page = as_ana.get(address, headers=JSON).json()
        names += [share["name"] for share in page["shares"]]
        address = page["next"] and f"/shares/{page['next']}"
    assert names == [f"Link {number:04}" for number in range(120)]


def test_deleting_an_asset_or_a_person_takes_what_is_shared_with_it(ana, share_of):
    asset, other = a_picture_of(ana), a_picture_of(ana)
    _share, _ = share_of(asset, other)
    asset.delete()
    assert list(ShareItem.objects.values_list("asset", flat=True)) == [other.pk]
    other.delete()
    ana.delete()
    assert not Share.objects.exists()


def test_no_log_has_the_address_of_a_share(ana, share_of):
    _, path = share_of(a_picture_of(ana))
    token = path.split("/")[2]
    record = logging.LogRecord("gunicorn.access", logging.INFO, "", 0, '%(r)s "%(f)s"', None, None)
    record.args = {"r": f"GET {path}x/?a=1 HTTP/1.1", "f": f"https://host{path}"}
    assert ShareTokenFilter().filter(record)
    assert token not in record.getMessage()
    assert "/s/…/x/?a=1" in record.getMessage()
