"""Administrators invite people, change roles, make password links, close accounts and reassign assets."""

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
from assets.accounts import invitations, reassignment
from assets.audit.log import LogEntry
from assets.models import Asset, PasswordLink, Role, Visibility
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_user, an_administrator, an_asset, many_assets

pytestmark = pytest.mark.django_db

CHOSEN = "quite another password"


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def get_user(username: str):
    return get_user_model().objects.get(username=username)


def link_on(page) -> str:
    """The path of the link that a page shows."""
    return re.search(r'id="password-link"[^>]*value="http://testserver([^"]+)"', page.content.decode())[1]


def invite(as_root, username: str, **fields) -> str:
    return link_on(as_root.post("/people/", {"username": username, "role": "member", **fields}))


def follow(client: Client, link: str):
    """Open a link, as the script of the page does or as people without it do."""
    path, _, secret = link.partition("#")
    assert 'name="link"' in client.get(path).content.decode()
    return client.post(path, {"link": secret}, follow=True)


def choose(client: Client, link: str, password: str = CHOSEN):
    """Follow a link and choose a password."""
    address = follow(client, link).request["PATH_INFO"]
    return client.post(address, {"new_password1": password, "new_password2": password})


def post_action(client: Client, person, action: str, **fields):
    return client.post(f"/people/{person.pk}/", {"action": action, **fields}, follow=True)


# --- Links -------------------------------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_is_signed_in(as_root):
    link = invite(as_root, "ida", role="manager")
    client = Client()
    assert "Welcome" in follow(client, link).content.decode()
    assert choose(client, link)["location"] == "/"
    assert "Signed in as ida, manager" in client.get("/").content.decode()
    assert Client().login(username="ida", password=CHOSEN)


def test_what_is_secret_in_a_link_is_sent_by_no_browser(as_root):
    link = invite(as_root, "ida")
    path, _, secret = link.partition("#")
    assert path == "/accounts/link/"
    for pasted in (secret, f"#{secret}", f"http://testserver{link}", f" {link}\n"):
        answer = Client().post(path, {"link": pasted})
        assert answer["location"].endswith("/set-password/")
        assert secret.partition("/")[2] not in answer["location"]


@pytest.mark.parametrize(
    ("pasted", "answer"),
    [
        *((pasted, "not a whole password link") for pasted in ("", "x", "/" * 100, "\0/\0", "MQ/" + "x" * 9999)),
        *((pasted, "no longer works") for pasted in ("MQ/x", "MQ/set-password", "999999/x-y")),
    ],
)
def test_what_is_no_link_opens_nothing(as_root, pasted, answer):
    invite(as_root, "ida")
    client = Client()
    refused = client.post("/accounts/link/", {"link": pasted})
    assert refused.status_code == 200
    assert answer in refused.content.decode()
    assert not client.session.keys()


def test_a_link_from_before_still_works(as_root):
    secret = invite(as_root, "ida").partition("#")[2]
    assert "Welcome" in Client().get(f"/accounts/link/{secret}/", follow=True).content.decode()


def test_a_link_works_once(as_root):
    link = invite(as_root, "ida")
    choose(Client(), link)
    late = follow(Client(), link).content.decode()
    assert "no longer works" in late
    assert choose(Client(), link, "a third password").status_code == 200
    assert get_user("ida").check_password(CHOSEN)


def test_a_link_opened_twice_sets_only_one_password(as_root):
    link = invite(as_root, "ida")
    quick, slow = Client(), Client()
    address = follow(slow, link).request["PATH_INFO"]
    choose(quick, link)
    sent = {"new_password1": "a third password", "new_password2": "a third password"}
    assert "no longer works" in slow.post(address, sent).content.decode()
    assert get_user("ida").check_password(CHOSEN)


def test_a_link_expires(as_root, settings):
    link = invite(as_root, "ida")
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "no longer works" in follow(Client(), link).content.decode()
    assert "No password" in as_root.get("/people/").content.decode()


def test_a_new_link_replaces_the_earlier_one_and_keeps_the_password_until_used(as_root, ana):
    first = link_on(post_action(as_root, ana, "link"))
    second = link_on(post_action(as_root, ana, "link"))
    assert "no longer works" in follow(Client(), first).content.decode()
    assert get_user("ana").check_password(PASSWORD)
    assert "Choose a new password" in follow(Client(), second).content.decode()
    choose(Client(), second)
    assert get_user("ana").check_password(CHOSEN)


def test_closing_an_account_voids_its_invitation(as_root):
    link = invite(as_root, "ida")
    post_action(as_root, get_user("ida"), "close")
    assert "no longer works" in follow(Client(), link).content.decode()
    post_action(as_root, get_user("ida"), "reopen")
    assert "no longer works" in follow(Client(), link).content.decode()


def test_a_weak_password_is_refused_and_the_link_still_works(as_root):
    link = invite(as_root, "ida")
    client = Client()
    assert "too short" in choose(client, link, "x").content.decode()
    assert PasswordLink.objects.exists()
    assert choose(client, link).status_code == 302


def test_a_taken_username_is_refused(as_root, ana):
    response = as_root.post("/people/", {"username": "ANA", "role": "member"})
    assert response.status_code == 400
    assert "The username “ANA” is taken" in response.content.decode()
    assert get_user_model().objects.count() == 2


def test_nobody_is_renamed_to_a_name_that_looks_like_another(as_root, ana, ben):
    path = f"/admin/assets/user/{ben.pk}/change/"
    for name in ("ANA", "Ana", "ana"):
        assert "is taken" in as_root.post(path, {"username": name, "email": ""}).content.decode()
    assert as_root.post(path, {"username": "Ben", "email": ""}).status_code == 302
    assert get_user("Ben").pk == ben.pk


def test_an_invitation_is_mailed_if_mail_is_configured(as_root, settings):
    page = as_root.post("/people/", {"username": "ida", "email": "ida@example.com", "role": "viewer"})
    assert not mail.outbox
    assert "was also sent to" not in page.content.decode()
    settings.CAN_MAIL = True
    page = as_root.post("/people/", {"username": "ola", "email": "ola@example.com", "role": "viewer"})
    assert "was also sent to ola@example.com" in page.content.decode()
    (message,) = mail.outbox
    assert message.to == ["ola@example.com"]
    assert link_on(page) in message.body
    assert "The link works once, until" in message.body


def test_an_invitation_works_while_the_mail_server_is_down(as_root, settings):
    settings.CAN_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = as_root.post("/people/", {"username": "ida", "email": "ida@example.com", "role": "viewer"})
    assert "could not be sent" in page.content.decode()
    assert link_on(page)


def test_the_invite_command_creates_accounts_roles_and_links(ana):
    def run_invite(*arguments: str) -> str:
        output = io.StringIO()
        call_command("invite", *arguments, stdout=output)
        return output.getvalue().strip()

    link = run_invite("ida", "--role", "administrator", "--address", "https://assets.example.com/")
    assert link.startswith("https://assets.example.com/accounts/link/")
    choose(Client(), link.removeprefix("https://assets.example.com"))
    assert get_user("ida").check_password(CHOSEN)
    assert permissions.get_role(get_user("ida")) == Role.ADMINISTRATOR
    choose(Client(), run_invite("ana", "--role", "viewer"))
    assert get_user("ana").check_password(CHOSEN)
    assert permissions.get_role(get_user("ana")) == Role.VIEWER
    for arguments, words in ((["ida", "--role", "member"], "last administrator"), (["a b"], "valid username")):
        with pytest.raises(CommandError, match=words):
            run_invite(*arguments)


# --- Roles and accounts ------------------------------------------------------------------------------------------


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


def test_a_long_list_takes_few_queries(as_root, django_assert_max_num_queries):
    for _ in range(30):
        an_asset(owner=a_user(role=Role.MANAGER))
    cache.set("queue-notice", "", 60)  # otherwise looked up every few seconds
    with django_assert_max_num_queries(4):
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
