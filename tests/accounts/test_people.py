"""People: invited by a link, given roles and new links, closed and opened again, their entries handed over."""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets import permissions
from assets.accounts import invitations
from assets.audit.log import LogEntry
from assets.models import Asset, PasswordLink, Role, Visibility
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_user, an_administrator, an_asset, many_assets

pytestmark = pytest.mark.django_db

CHOSEN = "quite another password"


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def account(username: str):
    return get_user_model().objects.get(username=username)


def link_on(page) -> str:
    """The link that a page shows, as the path that it has here."""
    return re.search(r'id="password-link"[^>]*value="http://testserver([^"]+)"', page.content.decode())[1]


def invite(as_root, username: str, **fields) -> str:
    return link_on(as_root.post("/people/", {"username": username, "role": "member", **fields}))


def choose(client: Client, link: str, password: str = CHOSEN):
    """Follow a link and choose a password."""
    form = client.get(link, follow=True)
    address = form.request["PATH_INFO"]
    return client.post(address, {"new_password1": password, "new_password2": password})


def act(client: Client, person, action: str, **fields):
    return client.post(f"/people/{person.pk}/", {"action": action, **fields}, follow=True)


# --- Links -------------------------------------------------------------------------------------------------------


def test_who_is_invited_chooses_a_password_and_is_signed_in_with_the_role(as_root):
    link = invite(as_root, "ida", role="manager")
    client = Client()
    assert "Welcome" in client.get(link, follow=True).content.decode()
    assert choose(client, link)["location"] == "/"
    assert "Signed in as ida, manager" in client.get("/").content.decode()
    assert Client().login(username="ida", password=CHOSEN)


def test_a_link_works_once(as_root):
    link = invite(as_root, "ida")
    choose(Client(), link)
    late = Client().get(link, follow=True).content.decode()
    assert "does not work any more" in late
    assert choose(Client(), link, "a third password").status_code == 200
    assert account("ida").check_password(CHOSEN)


def test_two_who_have_the_same_link_open_do_not_both_choose(as_root):
    link = invite(as_root, "ida")
    quick, slow = Client(), Client()
    address = slow.get(link, follow=True).request["PATH_INFO"]
    choose(quick, link)
    sent = {"new_password1": "a third password", "new_password2": "a third password"}
    assert "does not work any more" in slow.post(address, sent).content.decode()
    assert account("ida").check_password(CHOSEN)


def test_a_link_expires(as_root, settings):
    link = invite(as_root, "ida")
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "does not work any more" in Client().get(link, follow=True).content.decode()
    assert "No password" in as_root.get("/people/").content.decode()


def test_another_link_voids_the_one_before_and_leaves_the_password_until_it_is_used(as_root, ana):
    first = link_on(act(as_root, ana, "link"))
    second = link_on(act(as_root, ana, "link"))
    assert "does not work any more" in Client().get(first, follow=True).content.decode()
    assert account("ana").check_password(PASSWORD)
    assert "Choose a new password" in Client().get(second, follow=True).content.decode()
    choose(Client(), second)
    assert account("ana").check_password(CHOSEN)


def test_an_invitation_of_a_closed_account_opens_nothing(as_root):
    link = invite(as_root, "ida")
    act(as_root, account("ida"), "close")
    assert "does not work any more" in Client().get(link, follow=True).content.decode()
    act(as_root, account("ida"), "reopen")
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_a_password_that_is_too_weak_is_refused_and_the_link_stays(as_root):
    link = invite(as_root, "ida")
    client = Client()
    assert "too short" in choose(client, link, "x").content.decode()
    assert PasswordLink.objects.exists() and choose(client, link).status_code == 302


def test_the_same_name_is_not_given_twice(as_root, ana):
    response = as_root.post("/people/", {"username": "ANA", "role": "member"})
    assert response.status_code == 400 and "The username “ANA” is taken" in response.content.decode()
    assert get_user_model().objects.count() == 2


def test_an_invitation_is_mailed_where_there_is_a_mail_server(as_root, settings):
    page = as_root.post("/people/", {"username": "ida", "email": "ida@example.com", "role": "viewer"})
    assert not mail.outbox and "was sent to" not in page.content.decode()
    settings.CAN_MAIL = True
    page = as_root.post("/people/", {"username": "ola", "email": "ola@example.com", "role": "viewer"})
    assert "was sent to ola@example.com" in page.content.decode()
    (message,) = mail.outbox
    assert message.to == ["ola@example.com"] and link_on(page) in message.body and "7 days" in message.body


def test_a_mail_server_that_is_away_keeps_nobody_from_inviting(as_root, settings):
    settings.CAN_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = as_root.post("/people/", {"username": "ida", "email": "ida@example.com", "role": "viewer"})
    assert "did not take it" in page.content.decode() and link_on(page)


def test_a_command_invites_and_gives_roles_and_links(ana):
    def said(*arguments: str) -> str:
        output = io.StringIO()
        call_command("invite", *arguments, stdout=output)
        return output.getvalue().strip()

    link = said("ida", "--role", "administrator", "--address", "https://assets.example.com/")
    assert link.startswith("https://assets.example.com/accounts/link/")
    choose(Client(), link.removeprefix("https://assets.example.com"))
    assert account("ida").check_password(CHOSEN) and permissions.get_role(account("ida")) == Role.ADMINISTRATOR
    choose(Client(), said("ana", "--role", "viewer"))
    assert account("ana").check_password(CHOSEN) and permissions.get_role(account("ana")) == Role.VIEWER
    for arguments, words in ((["ida", "--role", "member"], "last administrator"), (["a b"], "valid username")):
        with pytest.raises(CommandError, match=words):
            said(*arguments)


# --- Roles and accounts ------------------------------------------------------------------------------------------


def test_only_administrators_look_after_people(ana):
    for role in (Role.VIEWER, Role.MEMBER, Role.MANAGER):
        client = client_of(a_user(role=role))
        assert client.get("/people/").status_code == 403
        assert client.post("/people/", {"username": "ida", "role": "administrator"}).status_code == 403
        assert act(client, ana, "role", role="administrator").status_code == 403
    assert permissions.get_role(account("ana")) == Role.MEMBER and not get_user_model().objects.filter(username="ida")


def test_a_role_is_changed_and_counts_at_once(as_root, as_ana, ana):
    assert "ana is a viewer now" in act(as_root, ana, "role", role="viewer").content.decode()
    assert as_ana.get("/upload/").status_code == 403
    act(as_root, ana, "role", role="administrator")
    assert as_ana.get("/admin/").status_code == 200
    assert act(as_root, ana, "role", role="emperor").status_code == 200
    assert permissions.get_role(account("ana")) == Role.ADMINISTRATOR


def test_the_last_administrator_cannot_be_locked_out(as_root):
    root = account("root")
    for response in (act(as_root, root, "role", role="member"), act(as_root, root, "close")):
        assert "This is the last administrator" in response.content.decode()
    assert permissions.get_role(account("root")) == Role.ADMINISTRATOR
    a_user("ada", role=Role.ADMINISTRATOR)
    act(as_root, root, "close")
    assert not account("root").is_active


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_close_each_other_at_once_one_stays():
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


def test_a_closed_account_is_signed_out_everywhere_and_its_entries_stay(as_root, as_ana, ana):
    an_asset(owner=ana, title="Bird")
    act(as_root, ana, "close")
    assert as_ana.get("/").status_code == 302
    assert not Client().login(username="ana", password=PASSWORD)
    assert "Bird" in as_root.get("/").content.decode()
    act(as_root, ana, "reopen")
    assert Client().login(username="ana", password=PASSWORD)


def test_other_sessions_end_when_a_password_is_changed(as_ana, ana):
    elsewhere = client_of(ana)
    sent = {"old_password": PASSWORD, "new_password1": CHOSEN, "new_password2": CHOSEN}
    assert as_ana.post("/accounts/password/", sent).status_code == 302
    assert as_ana.get("/").status_code == 200 and elsewhere.get("/").status_code == 302


def test_sessions_end_when_a_password_is_chosen_by_a_link(as_root, as_ana, ana):
    choose(Client(), link_on(act(as_root, ana, "link")))
    assert as_ana.get("/").status_code == 302


def test_people_are_found_by_name_and_address_a_page_at_a_time(as_root):
    for number in range(65):
        a_user(f"user{number:02}", email=f"mail{number}@example.com")
    first = as_root.get("/people/").content.decode()
    assert "user58" in first and "user60" not in first and "after=user58" in first
    assert "user60" in as_root.get("/people/?after=user58").content.decode()
    found = as_root.get("/people/?q=mail64@").content.decode()
    assert "user64" in found and "user63" not in found


def test_the_list_takes_the_same_few_queries_for_many(as_root, django_assert_max_num_queries):
    for _ in range(30):
        an_asset(owner=a_user(role=Role.MANAGER))
    cache.set("queue-notice", "", 60)  # otherwise looked up every few seconds
    with django_assert_max_num_queries(4):
        as_root.get("/people/")


def test_accounts_at_the_administration_have_no_way_around_the_rules(as_root, ana):
    root = account("root")
    address = f"/admin/assets/user/{root.pk}/change/"
    sent = {"username": "root", "email": "root@example.com", "is_active": "", "role": "member"}
    assert as_root.post(address, sent).status_code == 302
    root.refresh_from_db()
    assert root.email == "root@example.com" and root.is_active and permissions.get_role(root) == Role.ADMINISTRATOR
    assert as_root.get(f"/admin/assets/user/{ana.pk}/delete/").status_code == 403
    assert as_root.get("/admin/assets/user/add/").status_code == 403
    assert "Member" in as_root.get("/admin/assets/user/").content.decode()


# --- Handing over ------------------------------------------------------------------------------------------------


def test_entries_are_handed_over_findable_by_their_new_owner(as_root, ana, ben):
    bird = an_asset(owner=ana, title="Bird", trashed_at=timezone.now())
    page = act(as_root, ana, "hand_over", to="ben").content.decode()
    assert "1 entry of ana handed over to ben" in page
    bird.refresh_from_db()
    assert bird.owner == ben and "ben" in bird.search_text and "ana" not in bird.search_text


def test_private_entries_and_contents_that_both_have_stay_unless_they_can_go(as_root, ana, ben):
    secret = an_asset(owner=ana, visibility=Visibility.PRIVATE)
    both = an_asset(owner=ana)
    an_asset(owner=ben, stored_file=both.stored_file)
    an_asset(owner=ana)
    page = act(as_root, ana, "hand_over", to="ben").content.decode()
    assert "1 entry of ana handed over" in page and "2 entries stay" in page
    act(as_root, ana, "hand_over", to="ben", with_private="on")
    secret.refresh_from_db()
    assert secret.owner == ben and secret.visibility == Visibility.PRIVATE
    assert set(Asset.objects.filter(owner=ana)) == {both}


@pytest.mark.parametrize(
    ("to", "words"), [("nobody", "Nobody else called"), ("ana", "Nobody else called"), ("vera", "is a viewer")]
)
def test_entries_are_handed_over_to_who_can_have_them(as_root, ana, to, words):
    a_user("vera", role=Role.VIEWER)
    entry = an_asset(owner=ana)
    response = act(as_root, ana, "hand_over", to=to)
    assert response.status_code == 400 and words in response.content.decode()
    entry.refresh_from_db()
    assert entry.owner == ana


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_entries_are_handed_over_by_the_worker(ana, ben, work):
    many_assets(2005, owner=ana)
    assert invitations.hand_over(ana, ben).moved == 2005
    work()
    assert Asset.objects.filter(owner=ben, search_text__contains="ben").count() == 2005


# --- What is recorded --------------------------------------------------------------------------------------------


def test_what_is_done_to_people_is_recorded_with_who_did_it_and_from_where(as_root, ana, ben):
    an_asset(owner=ana)
    link = invite(as_root, "ida", email="ida@example.com")
    choose(Client(), link)
    act(as_root, ana, "role", role="manager")
    act(as_root, ana, "hand_over", to="ben")
    act(as_root, ana, "close")
    about_ana = LogEntry.objects.filter(object_repr="ana", actor=account("root"), remote_addr="127.0.0.1")
    fields = {name for entry in about_ana for name in entry.changes}
    assert {"role", "entries", "is_active"} <= fields
    about_ida = LogEntry.objects.filter(object_repr="ida")
    assert {"password_link", "password", "role"} <= {name for entry in about_ida for name in entry.changes}
    page = as_root.get(f"/people/{ana.pk}/").content.decode()
    for words in ("Account closed", "Entries handed over", "1 to ben", "Manager", "by <strong>root</strong>"):
        assert words in page
    assert "Password changed" in as_root.get(f"/people/{account('ida').pk}/").content.decode()


def test_no_password_and_no_link_is_recorded_or_kept(as_root):
    link = invite(as_root, "ida")
    choose(Client(), link)
    recorded = "".join(
        f"{entry.changes} {entry.changes_text} {entry.additional_data}" for entry in LogEntry.objects.all()
    )
    token = link.rstrip("/").rpartition("/")[2]
    for secret in (CHOSEN, account("ida").password, account("ida").password[-20:], token):
        assert secret not in recorded
    assert "'password': ['', 'changed']" in recorded


def test_who_was_invited_but_has_not_come_can_be_told(as_root):
    invite(as_root, "ida")
    until = (timezone.now() + timedelta(days=7)).strftime("%-d %b")
    assert f"Invited until {until}" in as_root.get("/people/").content.decode()
