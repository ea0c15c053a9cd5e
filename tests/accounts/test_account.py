"""One's own page: profile, preferences, devices; and what follows from them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from assets.accounts import mails
from assets.models import Device, StoredFile, User
from tests.support.factories import PASSWORD, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db

PREFERENCES = {"action": "preferences", "theme": "system", "density": "comfortable", "default_visibility": "team"}
PROFILE = {"action": "profile", "first_name": "", "last_name": "", "colour": "indigo", "email": ""}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"


@pytest.fixture
def can_mail(settings):
    settings.CAN_MAIL = True
    settings.SITE_URL = "https://assets.example.com"


def sign_in(client, user_agent: str, name: str = "ana"):
    sent = {"username": name, "password": PASSWORD}
    assert client.post("/accounts/login/", sent, headers={"user-agent": user_agent}).status_code == 302
    return client


def page_of(client) -> str:
    return " ".join(client.get("/account/").content.decode().split())


# --- Profile and preferences ------------------------------------------------------------------------------------------


def test_the_theme_and_density_are_those_of_the_person_on_every_page(as_ana, ana):
    as_ana.post("/account/", PREFERENCES | {"theme": "dark", "density": "compact"})
    page = as_ana.get("/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    User.objects.filter(pk=ana.pk).update(role="administrator")
    assert "css/theme-dark" in as_ana.get("/admin/").content.decode()


def test_dates_are_those_of_the_persons_time_zone(as_ana, ana):
    asset = an_asset(owner=ana, created_at="2026-11-27T23:30Z")
    as_ana.post("/account/", PREFERENCES | {"time_zone": "Asia/Tokyo"})
    assert "28 Nov 2026, 08:30" in as_ana.get(asset.get_absolute_url()).content.decode()


def test_the_time_zone_of_the_browser_is_taken_until_one_is_chosen(client, ana):
    for name in ("Mars/Olympus", "Europe/Berlin", "Asia/Tokyo"):
        client.logout()
        client.post("/accounts/login/", {"username": "ana", "password": PASSWORD, "time_zone": name})
    ana.refresh_from_db()
    assert ana.time_zone == "Europe/Berlin"


def test_a_new_email_address_takes_the_password(as_ana, ana):
    sent = PROFILE | {"first_name": "Anna", "email": "ana@example.com"}
    assert "Enter your current password" in as_ana.post("/account/", sent).content.decode()
    assert "Enter your current" in as_ana.post("/account/", sent | {"password": "wrong"}).content.decode()
    ana.refresh_from_db()
    assert (ana.first_name, ana.email) == ("Ana", "")
    assert as_ana.post("/account/", sent | {"password": PASSWORD}).status_code == 302
    ana.refresh_from_db()
    assert (ana.first_name, ana.email) == ("Anna", "ana@example.com")


def test_saving_the_profile_changes_nothing_else(as_ana, ana):
    as_ana.post("/account/", PROFILE | {"first_name": "Ana", "role": "administrator", "is_active": ""})
    ana.refresh_from_db()
    assert (ana.first_name, ana.role, ana.is_active) == ("Ana", "member", True)


def test_mails_are_offered_only_with_a_mail_server(as_ana, settings):
    assert "E-mail me" not in page_of(as_ana)
    settings.CAN_MAIL = True
    assert page_of(as_ana).count("E-mail me") == 2


# --- Devices ----------------------------------------------------------------------------------------------------------


def test_a_person_sees_their_devices_and_signs_one_out(client, ana):
    here, phone = sign_in(client, FIREFOX), sign_in(type(client)(), SAFARI)
    page = page_of(here)
    assert page.index("Firefox on Linux") < page.index("This device") < page.index("Safari on iPhone")
    other = Device.objects.get(user_agent=SAFARI)
    assert other.session_key not in page
    device = page.split('name="device" value="')[1].split('"')[0]
    assert sign_in(type(client)(), FIREFOX, a_user("ben").get_username()).post(
        "/account/", {"action": "sign_out_device", "device": device}
    )
    assert phone.get("/").status_code == 200
    here.post("/account/", {"action": "sign_out_device", "device": device})
    assert phone.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert "Safari on iPhone" not in page_of(here)


def test_a_new_password_leaves_only_this_device(client, ana):
    here, elsewhere = sign_in(client, FIREFOX), sign_in(type(client)(), SAFARI)
    chosen = {"old_password": PASSWORD, "new_password1": "quite another one", "new_password2": "quite another one"}
    here.post("/accounts/password/", chosen)
    assert elsewhere.get("/").status_code == 302
    assert "This device" in page_of(here)
    assert "Safari on iPhone" not in page_of(here)


# --- Mails ------------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew_with_a_mailed_link(client, ana, can_mail, work):
    User.objects.filter(pk=ana.pk).update(email="ana@example.com")
    assert "Forgot password?" in client.get("/accounts/login/").content.decode()
    for address in ("nobody@example.com", "Ana@example.com"):
        page = client.post("/accounts/forgotten/", {"email": address}).content.decode()
        assert "Check your e-mail" in page
    work()
    (letter,) = mail.outbox
    link = next(line for line in letter.body.splitlines() if "/accounts/link/#" in line)
    page = client.post("/accounts/link/", {"link": link}, follow=True).content.decode()
    assert "New password" in page


def test_without_a_mail_server_nothing_is_promised(client, settings):
    settings.CAN_MAIL = False
    assert "Forgot password?" not in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/forgotten/").status_code == 404


def test_failed_uploads_are_mailed_once(ana, can_mail):
    now = timezone.now()
    earlier = {"email": "ana@example.com", "failures_mailed_at": now - timedelta(hours=1)}
    User.objects.filter(pk=ana.pk).update(gets_failure_mails=True, **earlier)
    an_asset(owner=a_user("ben"), state="queued")
    an_asset(owner=ana, state="queued", title="Too odd")
    StoredFile.objects.waiting().fail("Segmind refused it.")
    for _ in range(2):
        mails.send_due(timezone.now())
    (letter,) = mail.outbox
    assert letter.subject == "1 asset not uploaded"
    assert "- Too odd" in letter.body
    assert "https://assets.example.com/?q=is:failed+by:me" in letter.body


def test_broken_links_are_mailed_once_a_week(ana, can_mail):
    User.objects.filter(pk=ana.pk).update(gets_digest_mails=True, email="ana@example.com")
    an_asset(owner=ana, stored_file=a_stored_file(link_status="broken"), title="Gone")
    now = timezone.now()
    for moment in (now, now + timedelta(days=6), now + timedelta(days=8)):
        mails.send_due(moment)
    assert [letter.subject for letter in mail.outbox] == ["1 asset with a broken link"] * 2
