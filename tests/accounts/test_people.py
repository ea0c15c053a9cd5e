"""Administrators change roles, close accounts and reassign assets."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets import permissions
from assets.accounts import invitations, reassignment
from assets.audit.log import LogEntry
from assets.models import Asset, Role, Visibility
from tests.accounts.steps import CHOSEN, choose, get_user, invite, link_on, post_action
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_user, an_administrator, an_asset, many_assets
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db


def test_only_administrators_manage_people(ana):
    for role in (Role.VIEWER, Role.MEMBER, Role.MANAGER):
        client = client_of(a_user(role=role))
        assert client.get("/people/").status_code == 403
        assert client.post("/people/", {"username": "ida", "role": "administrator"}).status_code == 403
        assert post_action(client, ana, "role", role="administrator").status_code == 403
    assert permissions.get_role(get_user("ana")) == Role.MEMBER
    assert not get_user_model().objects.filter(username="ida")


def test_a_changed_role_applies_immediately(as_root, as_ana, ana):
    assert "ana’s role is now viewer" in post_action(as_root, ana, "role", role="viewer").content.decode()
    assert as_ana.get("/upload/").status_code == 302
    assert client_of(get_user("ana")).get("/upload/").status_code == 403
    post_action(as_root, ana, "role", role="administrator")
    assert client_of(get_user("ana")).get("/admin/").status_code == 200
    assert post_action(as_root, ana, "role", role="emperor").status_code == 200
    assert permissions.get_role(get_user("ana")) == Role.ADMINISTRATOR


def test_the_last_administrator_cannot_be_locked_out(as_root):
    root = get_user("root")
    for response in (post_action(as_root, root, "role", role="member"), post_action(as_root, root, "close")):
        assert "This is the last administrator" in response.content.decode()
    assert permissions.get_role(get_user("root")) == Role.ADMINISTRATOR
    a_user("ada", role=Role.ADMINISTRATOR)
    post_action(as_root, root, "close")
    assert not get_user("root").is_active


@pytest.mark.django_db(transaction=True)
def test_the_admin_does_not_disable_the_last_administrators_password(as_root):
    root = get_user("root")
    path, disabled = f"/admin/assets/user/{root.pk}/password/", {"usable_password": "false", "unset-password": "1"}
    assert "This is the last administrator" in as_root.post(path, disabled).content.decode()
    assert get_user("root").has_usable_password()
    a_user("ada", role=Role.ADMINISTRATOR)
    assert as_root.post(path, disabled).status_code == 302
    assert not get_user("root").has_usable_password()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_close_each_other_at_the_same_time():
    pair = [an_administrator("ada"), an_administrator("bea")]
    ready = threading.Barrier(2)

    def close(other) -> None:
        ready.wait(timeout=10)
        with suppress(ValidationError):
            invitations.close(other)
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(close, pair))
    assert get_user_model().objects.filter(is_active=True).count() == 1


def test_a_closed_account_is_signed_out_everywhere_and_its_assets_stay(as_root, as_ana, ana):
    an_asset(owner=ana, title="Bird")
    post_action(as_root, ana, "close")
    assert as_ana.get("/").status_code == 302
    assert not Client().login(username="ana", password=PASSWORD)
    assert "Bird" in as_root.get("/").content.decode()
    post_action(as_root, ana, "reopen")
    assert Client().login(username="ana", password=PASSWORD)


def test_changing_a_password_ends_other_sessions(as_ana, ana):
    elsewhere = client_of(ana)
    sent = {"old_password": PASSWORD, "new_password1": CHOSEN, "new_password2": CHOSEN}
    assert as_ana.post("/accounts/password/", sent).status_code == 302
    assert as_ana.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_setting_a_password_with_a_link_ends_other_sessions(as_root, as_ana, ana):
    choose(Client(), link_on(post_action(as_root, ana, "link")))
    assert as_ana.get("/").status_code == 302


def test_people_are_listed_in_pages_and_found_by_name_and_email(as_root):
    for number in range(65):
        a_user(f"user{number:02}", email=f"mail{number}@example.com")
    first = as_root.get("/people/").content.decode()
    assert "user58" in first
    assert "user60" not in first
    assert "after=user58" in first
    assert "user60" in as_root.get("/people/?after=user58").content.decode()
    found = as_root.get("/people/?q=mail64@").content.decode()
    assert "user64" in found
    assert "user63" not in found


@pytest.mark.parametrize("text", ["o'neil", "O’NEIL", "jose", "José O'Neil", "елк", "JOSÉ"])
def test_people_are_found_however_their_name_is_typed(as_root, text):
    a_user("jo", first_name="José", last_name="O’Neil")
    a_user("ёлка", first_name="José")
    a_user("other")
    page = as_root.get("/people/", {"q": text}).content.decode()
    assert (">jo<" in page, ">ёлка<" in page, ">other<" in page) == (text != "елк", "neil" not in text.lower(), False)


def test_a_long_list_takes_few_queries(as_root, django_assert_max_num_queries):
    for _ in range(30):
        an_asset(owner=a_user(role=Role.MANAGER))
    cache.set("queue-notice", "", 60)  # otherwise looked up every few seconds
    with django_assert_max_num_queries(6):
        as_root.get("/people/")


def test_the_admin_follows_the_same_rules_for_accounts(as_root, ana):
    root = get_user("root")
    address = f"/admin/assets/user/{root.pk}/change/"
    sent = {"username": "root", "email": "root@example.com", "is_active": "", "role": "member"}
    assert as_root.post(address, sent).status_code == 302
    root.refresh_from_db()
    assert root.email == "root@example.com"
    assert root.is_active
    assert permissions.get_role(root) == Role.ADMINISTRATOR
    assert as_root.get(f"/admin/assets/user/{ana.pk}/delete/").status_code == 403
    assert as_root.get("/admin/assets/user/add/").status_code == 403
    assert "Member" in as_root.get("/admin/assets/user/").content.decode()


# --- Reassigning assets -----------------------------------------------------------------------------------------


def test_reassigned_assets_are_found_by_their_new_owner(as_root, ana, ben):
    bird = an_asset(owner=ana, title="Bird", trashed_at=timezone.now())
    page = post_action(as_root, ana, "hand_over", to="ben").content.decode()
    assert "1 asset reassigned to ben" in page
    bird.refresh_from_db()
    assert bird.owner == ben
    assert "ben" in bird.search_text
    assert "ana" not in bird.search_text


def test_private_assets_and_shared_files_are_not_reassigned_by_default(as_root, ana, ben):
    secret = an_asset(owner=ana, visibility=Visibility.PRIVATE)
    both = an_asset(owner=ana)
    an_asset(owner=ben, stored_file=both.stored_file)
    an_asset(owner=ana)
    page = post_action(as_root, ana, "hand_over", to="ben").content.decode()
    assert "1 asset reassigned" in page
    assert "2 assets not reassigned" in page
    post_action(as_root, ana, "hand_over", to="ben", with_private="on")
    secret.refresh_from_db()
    assert secret.owner == ben
    assert secret.visibility == Visibility.PRIVATE
    assert set(Asset.objects.filter(owner=ana)) == {both}


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("nobody", "No other active account"),
        ("ana", "No other active account"),
        ("vera", "cannot own assets"),
    ],
)
def test_assets_are_reassigned_only_to_people_who_can_own_them(as_root, ana, to, words):
    a_user("vera", role=Role.VIEWER)
    asset = an_asset(owner=ana)
    response = post_action(as_root, ana, "hand_over", to=to)
    assert response.status_code == 400
    assert words in response.content.decode()
    asset.refresh_from_db()
    assert asset.owner == ana


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_reassigns_many_assets(ana, ben, work):
    many_assets(2005, owner=ana)
    assert reassignment.reassign(ana, ben).moved == 2005
    work()
    assert Asset.objects.filter(owner=ben, search_text__contains="ben").count() == 2005


# --- History --------------------------------------------------------------------------------------------


def test_changes_of_accounts_are_recorded_with_actor_and_ip_address(as_root, ana, ben):
    an_asset(owner=ana)
    link = invite(as_root, "ida", email="ida@example.com")
    choose(Client(), link)
    post_action(as_root, ana, "role", role="manager")
    post_action(as_root, ana, "hand_over", to="ben")
    post_action(as_root, ana, "close")
    of_ana = LogEntry.objects.filter(object_repr="ana", actor=get_user("root"), remote_addr="127.0.0.1")
    fields = {name for log_entry in of_ana for name in log_entry.changes}
    assert {"role", "assets", "is_active"} <= fields
    of_ida = LogEntry.objects.filter(object_repr="ida")
    assert {"password_link", "password", "role"} <= {name for log_entry in of_ida for name in log_entry.changes}
    page = as_root.get(f"/people/{ana.pk}/").content.decode()
    for words in ("Account closed", "Assets reassigned", "1 to ben", "Manager", "by <strong>root</strong>"):
        assert words in page
    assert "Password changed" in as_root.get(f"/people/{get_user('ida').pk}/").content.decode()


def test_passwords_and_links_are_never_recorded(as_root):
    link = invite(as_root, "ida")
    choose(Client(), link)
    recorded = "".join(
        f"{log_entry.changes} {log_entry.changes_text} {log_entry.additional_data}"
        for log_entry in LogEntry.objects.all()
    )
    token = link.rpartition("/")[2]
    for secret in (CHOSEN, get_user("ida").password, get_user("ida").password[-20:], token):
        assert secret not in recorded
    assert "'password': ['', 'changed']" in recorded


def test_the_list_shows_who_has_not_accepted_an_invitation(as_root):
    invite(as_root, "ida")
    until = (timezone.now() + timedelta(days=7)).strftime("%-d %b")
    assert f"Invited until {until}" in as_root.get("/people/").content.decode()


def test_a_stale_page_gives_no_role_back_that_was_taken_away(as_root):
    ben = a_user("ben", role=Role.MANAGER)
    url = f"/people/{ben.pk}/"
    stale = fields_of(as_root.get(url).content.decode(), "aria-label") | {"action": "role"}
    assert stale["role"] == stale["initial-role"] == "manager"
    client_of(an_administrator("ada")).post(url, {**stale, "role": "viewer"})
    for role in ("manager", "administrator"):
        page = as_root.post(url, {**stale, "role": role}, follow=True).content.decode()
        assert "changed ben’s role to viewer since you opened this page" in page
        ben.refresh_from_db()
        assert ben.role == Role.VIEWER
    as_root.post(url, {**stale, "initial-role": "viewer", "role": "member"})
    ben.refresh_from_db()
    assert ben.role == Role.MEMBER
