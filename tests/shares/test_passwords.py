"""Shares with a password."""

import pytest
from django.test import Client

from assets.models import Share
from tests.shares.steps import MEDIA, a_picture_of, status
from tests.support.factories import PASSWORD

pytestmark = pytest.mark.django_db


def test_without_the_password_nothing_of_a_share_is_seen(ana, visitor, share_of):
    asset = a_picture_of(ana)
    share, path = share_of(asset, password="open sesame", allows_downloads="1", shows_urls="1")
    _, other = share_of(asset, password="open barley")
    locked = visitor.get(path)
    assert locked.status_code == 200
    assert b"For you" not in locked.content
    assert b"Sunset" not in locked.content
    assert locked["referrer-policy"] == "same-origin"
    parts = ("download/", "urls/", *(f"{asset.pk}/{part}" for part in MEDIA))
    assert {(visitor.get(path + part).status_code, visitor.get(path + part)["location"]) for part in parts} == {
        (302, path)
    }
    wrong = visitor.post(path, {"password": "open barley"})
    assert "wrong" in wrong.content.decode()
    assert "pass" not in wrong.cookies
    opened = visitor.post(path, {"password": "open sesame"})
    cookie = opened.cookies["pass"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path, True, "Lax")
    assert b"For you" in visitor.get(path).content
    assert {status(visitor, path + part) for part in parts} == {200}
    # It opens no other share, and not this one once its password has changed.
    elsewhere = Client()
    elsewhere.cookies["pass"] = cookie.value
    assert b"For you" not in elsewhere.get(other).content
    assert b"For you" in elsewhere.get(path).content
    share.password = ""
    share.password = Share.objects.exclude(pk=share.pk).get().password
    share.save()
    assert b"For you" not in elsewhere.get(path).content


def test_guesses_at_a_password_have_to_wait(ana, share_of):
    _, path = share_of(a_picture_of(ana), password="open sesame")
    _, other = share_of(a_picture_of(ana), password="open sesame")
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(path, {"password": "no"})
    refused = Client(REMOTE_ADDR="198.51.100.1").post(path, {"password": "open sesame"})
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()
    assert Client(REMOTE_ADDR="198.51.100.1").post(other, {"password": "open sesame"}).status_code == 302
    # One address that tries many links.
    for _ in range(20):
        _, path = share_of(a_picture_of(ana), password="open sesame")
        guesser = Client(REMOTE_ADDR="203.0.113.9")
        guesser.post(path, {"password": "no"})
    assert guesser.post(other, {"password": "open sesame"}).status_code == 429
    # Whoever signs in elsewhere does not wait.
    assert Client().post("/accounts/login/", {"username": "ana", "password": PASSWORD}).status_code == 302


def test_a_password_can_be_sent_where_forms_of_other_sites_are_refused(ana, share_of):
    _, path = share_of(a_picture_of(ana), password="open sesame")
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(path, secure=True).content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    sent = {"password": "open sesame", "csrfmiddlewaretoken": token}
    assert strict.post(path, sent, secure=True, headers={"origin": "https://testserver"}).status_code == 302
    assert strict.post(path, sent, secure=True, headers={"origin": "https://other.example"}).status_code == 403
