"""Administrators invite people and make password links."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from assets import permissions
from assets.models import PasswordLink, Role
from tests.accounts.steps import CHOSEN, choose, follow, get_user, invite, link_on, post_action
from tests.support.factories import PASSWORD

pytestmark = pytest.mark.django_db


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
        *((pasted, "This link is incomplete") for pasted in ("", "x", "/" * 100, "\0/\0", "MQ/" + "x" * 9999)),
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


def test_a_username_in_other_letters_is_taken_in_both_cases(as_root):
    invite(as_root, "Ёлка")
    for name in ("ёлка", "ЁЛКА"):
        assert "is taken" in as_root.post("/people/", {"username": name, "role": "member"}).content.decode()
    assert as_root.post("/people/", {"username": "Елка", "role": "member"}).status_code < 400


def test_nobody_is_renamed_to_a_name_that_looks_like_another(as_root, ana, ben):
    path = f"/admin/assets/user/{ben.pk}/change/"
    for name in ("ANA", "Ana", "ana", "Aná"):
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
