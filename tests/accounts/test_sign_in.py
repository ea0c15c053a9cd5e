"""Signing in: one way for everybody, slowed down where it fails again and again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets.models import SignInAttempts
from tests.conftest import client_of
from tests.support.factories import PASSWORD, an_administrator

pytestmark = pytest.mark.django_db


def attempt(username: str = "ana", password: str = "wrong", *, address: str = "192.0.2.1"):
    sent = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post("/accounts/login/", sent)


def waited(seconds: float) -> None:
    """So much later: the moments that are kept are so much longer ago."""
    for row in SignInAttempts.objects.all():
        row.last_at -= timedelta(seconds=seconds)
        row.next_at -= timedelta(seconds=seconds)
        row.save()


def test_a_few_mistakes_cost_nothing(ana):
    for _ in range(4):
        assert attempt().status_code == 200
    assert attempt(password=PASSWORD).status_code == 302
    assert not SignInAttempts.objects.filter(failures__gt=4).exists()


def test_from_the_fifth_mistake_on_a_user_name_has_to_wait_from_wherever(ana):
    for number in range(5):
        attempt(address=f"192.0.2.{number}")
    refused = attempt(password=PASSWORD, address="198.51.100.1")
    assert refused.status_code == 429
    assert "Too many attempts. Try again in 5 seconds." in refused.content.decode()
    waited(6)
    assert attempt(password=PASSWORD).status_code == 302


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(ana):
    waits = []
    for _ in range(14):
        now = timezone.now()
        attempt()
        waits.append(max((row.next_at - now).total_seconds() for row in SignInAttempts.objects.all()) // 1)
        waited(1000)
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_an_attempt_while_one_has_to_wait_does_not_lengthen_the_wait(ana):
    for _ in range(9):
        attempt()
    assert SignInAttempts.objects.filter(failures=5).count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_attempts_at_once_one_is_let_through(ana):
    for _ in range(5):
        attempt()
    waited(6)

    def status(_: int) -> int:
        answer = attempt().status_code
        connection.close()
        return answer

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(status, range(6))) == [200, 429, 429, 429, 429, 429]


def test_case_and_names_that_nobody_has_make_no_difference(ana):
    for name in ("ANA", "Ana", "ana", "aNa", "anA"):
        attempt(name)
    assert attempt("ana", PASSWORD).status_code == 429
    for _ in range(5):
        attempt("nobody")
    assert attempt("nobody").status_code == 429


def test_an_address_that_tries_many_names_has_to_wait_and_others_have_not(ana, ben):
    for number in range(20):
        attempt(f"guess{number}")
    assert attempt("ana", PASSWORD).status_code == 429
    assert attempt("ana", PASSWORD, address="198.51.100.7").status_code == 302


def test_an_account_of_ones_own_is_no_way_around_the_wait_of_an_address(ana):
    for number in range(19):
        attempt(f"guess{number}")
    assert attempt("ana", PASSWORD).status_code == 302
    attempt("guess")
    assert attempt("ana", PASSWORD).status_code == 429


def test_failures_are_forgotten_after_a_day(ana):
    for _ in range(9):
        attempt()
        waited(1000)
    waited(86_400)
    assert attempt(password=PASSWORD).status_code == 302


def test_what_was_typed_as_a_user_name_is_not_kept(db):
    attempt("my secret password")
    assert "secret" not in str(list(SignInAttempts.objects.values()))


def test_the_administration_is_entered_by_the_same_door(ana):
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")
    for _ in range(5):
        attempt()
    assert (
        Client().post("/admin/login/", {"username": "ana", "password": PASSWORD})["location"].startswith("/accounts/")
    )
    denied = client_of(ana).get("/admin/", follow=True)
    assert denied.status_code == 403
    assert "Only administrators" in denied.content.decode()
    assert client_of(an_administrator()).get("/admin/login/?next=/admin/", follow=True).status_code == 200
