"""Signing in, and the wait after repeated failures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets.models import SignInAttempts, User
from tests.conftest import client_of
from tests.support.factories import PASSWORD, an_administrator

pytestmark = pytest.mark.django_db


def attempt(username: str = "ana", password: str = "wrong", *, client_ip: str = "192.0.2.1"):
    sent = {"username": username, "password": password}
    return Client(REMOTE_ADDR=client_ip).post("/accounts/login/", sent)


def pass_time(seconds: float) -> None:
    """Shift the stored times, as if so many seconds had passed."""
    for row in SignInAttempts.objects.all():
        row.last_at -= timedelta(seconds=seconds)
        row.next_at -= timedelta(seconds=seconds)
        row.save()


def test_a_few_failures_cause_no_wait(ana):
    for _ in range(4):
        assert attempt().status_code == 200
    assert attempt(password=PASSWORD).status_code == 302
    assert not SignInAttempts.objects.filter(failures__gt=4).exists()


def test_after_five_failures_a_username_has_to_wait_from_any_ip_address(ana):
    for number in range(5):
        attempt(client_ip=f"192.0.2.{number}")
    refused = attempt(password=PASSWORD, client_ip="198.51.100.1")
    assert refused.status_code == 429
    assert "Too many attempts. Try again in 5 seconds." in refused.content.decode()
    pass_time(6)
    assert attempt(password=PASSWORD).status_code == 302


def test_the_wait_doubles_up_to_fifteen_minutes(ana):
    waits = []
    for _ in range(14):
        now = timezone.now()
        attempt()
        waits.append(max((row.next_at - now).total_seconds() for row in SignInAttempts.objects.all()) // 1)
        pass_time(1000)
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_an_attempt_during_the_wait_does_not_extend_it(ana):
    for _ in range(9):
        attempt()
    assert SignInAttempts.objects.filter(failures=5).count() == 2


@pytest.mark.django_db(transaction=True)
def test_only_one_of_many_parallel_attempts_is_let_through(ana):
    for _ in range(5):
        attempt()
    pass_time(6)

    def status(_: int) -> int:
        answer = attempt().status_code
        connection.close()
        return answer

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(status, range(6))) == [200, 429, 429, 429, 429, 429]


def test_case_and_unknown_usernames_make_no_difference(ana):
    for name in ("ANA", "Ana", "ana", "aNa", "anA"):
        attempt(name)
    assert attempt("ana", PASSWORD).status_code == 429
    for _ in range(5):
        attempt("nobody")
    assert attempt("nobody").status_code == 429


def test_an_ip_address_that_tries_many_usernames_has_to_wait(ana, ben):
    for number in range(20):
        attempt(f"guess{number}")
    assert attempt("ana", PASSWORD).status_code == 429
    assert attempt("ana", PASSWORD, client_ip="198.51.100.7").status_code == 302


def test_a_computer_cannot_try_again_from_another_of_its_ipv6_addresses(ana):
    for number in range(20):
        attempt(f"guess{number}", client_ip=f"2001:db8::{number:x}")
    assert attempt("ana", PASSWORD, client_ip="2001:db8::ffff").status_code == 429
    assert attempt("ana", PASSWORD, client_ip="2001:db8:0:1::1").status_code == 302


def test_signing_in_does_not_reset_the_failures_of_an_ip_address(ana):
    for number in range(19):
        attempt(f"guess{number}")
    assert attempt("ana", PASSWORD).status_code == 302
    attempt("guess")
    assert attempt("ana", PASSWORD).status_code == 429


def test_failures_expire_after_a_day(ana):
    for _ in range(9):
        attempt()
        pass_time(1000)
    pass_time(86_400)
    assert attempt(password=PASSWORD).status_code == 302


def guess_at_change(client: Client, old_password: str):
    sent = {"old_password": old_password, "new_password1": "quite another one", "new_password2": "quite another one"}
    return client.post("/accounts/password/", sent)


def test_guesses_at_the_old_password_are_slowed_down_too(ana, as_ana):
    assert [guess_at_change(as_ana, "wrong").status_code for _ in range(5)] == [200] * 5
    refused = guess_at_change(as_ana, PASSWORD)
    assert refused.status_code == 429
    assert "Too many attempts. Try again in 5 seconds." in refused.content.decode()
    assert attempt(password=PASSWORD).status_code == 429
    pass_time(6)
    assert guess_at_change(as_ana, PASSWORD).status_code == 302
    assert attempt(password="quite another one").status_code == 302


def test_the_admin_has_no_password_form_of_its_own():
    as_root = client_of(an_administrator())
    assert as_root.get("/admin/password_change/")["location"] == "/accounts/password/"
    sent = {"old_password": PASSWORD, "new_password1": "quite another one", "new_password2": "quite another one"}
    assert as_root.post("/admin/password_change/", sent)["location"] == "/accounts/password/"
    assert User.objects.get().check_password(PASSWORD)


def test_typed_usernames_are_not_stored(db):
    attempt("my secret password")
    assert "secret" not in str(list(SignInAttempts.objects.values()))


def test_the_admin_uses_the_same_sign_in_page(ana):
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
