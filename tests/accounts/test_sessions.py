"""What ends the sessions of an account, and whose."""

import io

import pytest
from django.core.management import call_command

from assets.models import Role, User
from tests.conftest import client_of
from tests.support.factories import PASSWORD, a_user, an_administrator

pytestmark = pytest.mark.django_db

CHOSEN = "quite another password"
JSON = {"accept": "application/json"}


def is_signed_in(client) -> bool:
    return client.get("/", headers=JSON).status_code == 200


def close_and_reopen(as_root, ana):
    as_root.post(f"/people/{ana.pk}/", {"action": "close"})
    as_root.post(f"/people/{ana.pk}/", {"action": "reopen"})


def change_role_and_back(as_root, ana):
    for role in ("viewer", "member"):
        as_root.post(f"/people/{ana.pk}/", {"action": "role", "role": role})


def sign_out_everywhere(as_root, ana):
    as_root.post(f"/people/{ana.pk}/", {"action": "sign_out"})


def set_password_in_admin(as_root, ana):
    sent = {"password1": CHOSEN, "password2": CHOSEN, "usable_password": "true", "set-password": "1"}
    assert as_root.post(f"/admin/assets/user/{ana.pk}/password/", sent).status_code == 302


def set_same_password(as_root, ana):
    ana.set_password(PASSWORD)
    ana.save()


def change_role_by_command(as_root, ana):
    for role in ("manager", "member"):
        call_command("invite", "ana", "--role", role, stdout=io.StringIO())


def close_in_the_shell(as_root, ana):
    for is_active in (False, True):
        ana.is_active = is_active
        ana.save()


@pytest.mark.parametrize(
    "end",
    [
        close_and_reopen,
        change_role_and_back,
        sign_out_everywhere,
        set_password_in_admin,
        set_same_password,
        change_role_by_command,
        close_in_the_shell,
    ],
)
def test_the_sessions_of_an_account_end_for_good(as_root, as_ana, ana, end):
    elsewhere = client_of(ana)
    assert is_signed_in(as_ana)
    end(as_root, ana)
    assert not is_signed_in(as_ana)
    User.objects.get(pk=ana.pk).save()
    ana.refresh_from_db(fields=["password"])
    ana.save()  # with a nonce from before
    assert not is_signed_in(elsewhere)
    assert is_signed_in(as_root)
    assert is_signed_in(client_of(User.objects.get(pk=ana.pk)))


@pytest.mark.parametrize(
    "change", [{"first_name": "Ann"}, {"email": "ana@example.com"}, {"layout": "list"}, {"role": Role.MEMBER}]
)
def test_other_changes_of_an_account_end_no_session(as_ana, ana, change):
    for name, value in change.items():
        setattr(ana, name, value)
    ana.save()
    User.objects.get(pk=ana.pk).save(update_fields=list(change))
    assert is_signed_in(as_ana)


def test_people_sign_themselves_out_everywhere(as_ana, ana, as_ben):
    elsewhere = client_of(ana)
    assert "Sign out everywhere" in as_ana.get("/account/").content.decode()
    page = as_ana.post("/account/", {"action": "sign_out_everywhere"}, follow=True).content.decode()
    assert "You are signed out everywhere" in page
    assert not any(map(is_signed_in, (as_ana, elsewhere)))
    assert is_signed_in(as_ben)


def test_whoever_changes_their_own_role_or_password_stays_signed_in_here():
    ada = a_user("ada", role=Role.ADMINISTRATOR)
    an_administrator()
    here, elsewhere = client_of(ada), client_of(ada)
    here.post(f"/people/{ada.pk}/", {"action": "role", "role": "manager"})
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    elsewhere.force_login(User.objects.get(pk=ada.pk))
    here.post("/accounts/password/", {"old_password": PASSWORD, "new_password1": CHOSEN, "new_password2": CHOSEN})
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_an_upload_after_the_session_ended_is_told_so(as_root, as_ana, ana):
    sign_out_everywhere(as_root, ana)
    refused = as_ana.post("/upload/", {"title": "x"}, headers=JSON)
    assert refused.status_code == 401
    assert "so nothing was saved" in refused.json()["error"]["message"]
    assert "so nothing was saved" in as_ana.post("/upload/", {"title": "x"}, follow=True).content.decode()


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page(as_root, as_ana, ana):
    sign_out_everywhere(as_root, ana)
    headers = {"hx-request": "true", "hx-target": "results", "hx-current-url": "http://testserver/"}
    answer = as_ana.get("/?q=sea", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["hx-redirect"] == "/accounts/login/?next=/%3Fq%3Dsea"


def test_a_page_that_refreshes_by_itself_stays_with_the_words_typed_into_it(client):
    answer = client.get("/assets/cards/", headers={"HX-Request": "true", "HX-Trigger": "refresher"})
    assert (answer.status_code, answer.headers.get("hx-redirect")) == (204, None)


def test_signing_out_everywhere_is_recorded(as_root, ana):
    sign_out_everywhere(as_root, ana)
    page = as_root.get(f"/people/{ana.pk}/").content.decode()
    assert "Signed out everywhere" in page
    assert "by <strong>root</strong>" in page
