"""Sessions and people are read in SQL; what they allow is as Django has it."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.support.factories import PASSWORD


def test_a_session_lasts_until_it_expires_or_is_ended(ana, client):
    client.force_login(ana)
    assert client.get("/").status_code == 200
    cookie = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = cookie
    assert client.get("/").status_code == 302
    client.force_login(ana)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/").status_code == 302


def test_a_closed_account_is_signed_out_at_once(ana, client):
    client.force_login(ana)
    ana.is_active = False
    ana.save()
    assert client.get("/").status_code == 302


def test_a_new_password_ends_other_sessions(ana, client):
    client.force_login(ana)
    ana.set_password(f"{PASSWORD}, changed")
    ana.save()
    assert client.get("/").status_code == 302
