"""Forms that cannot be taken: their words come back, to be sent again, but only to whoever wrote them here."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assets.models import Asset
from tests.support.factories import a_picture, an_asset
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db

HERE = {"origin": "http://testserver"}


@pytest.fixture
def browser(ana) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "t" * 32
    client.force_login(ana)
    return client


@pytest.fixture
def asset(ana) -> Asset:
    return an_asset(owner=ana, title="Sea")


def test_a_form_with_an_old_token_is_sent_again_with_a_new_one(browser, asset):
    sent = {"csrfmiddlewaretoken": "f" * 32, "title": 'Ocean "& <more>', "password": "secret"}
    response = browser.post(asset.get_absolute_url(), sent, headers=HERE)
    page = response.content.decode()
    assert (response.status_code, response["x-token-stale"]) == (403, "1")
    assert "Ocean &#34;&amp; &lt;more&gt;" in page
    assert "secret" not in page
    fields = fields_of(page, "method")
    assert browser.post(asset.get_absolute_url(), fields, headers=HERE).status_code == 302
    asset.refresh_from_db()
    assert asset.title == 'Ocean "& <more>'


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {**HERE, "sec-fetch-site": "cross-site"}],
)
def test_words_from_elsewhere_are_never_offered(browser, asset, headers):
    page = browser.post(asset.get_absolute_url(), {"title": "Ocean"}, headers=headers).content.decode()
    assert "Ocean" not in page
    assert "Send again" not in page


def test_the_words_of_a_form_of_files_come_back_without_the_files(browser):
    sent = {"files": SimpleUploadedFile("x.png", a_picture()), "title": "Ocean", "tags": "deep"}
    page = browser.post("/upload/", sent, headers=HERE).content.decode()
    assert "Files can’t be kept" in page
    assert "Ocean" in page
    fields = fields_of(page, "method") | {"files": SimpleUploadedFile("x.png", a_picture())}
    assert browser.post("/upload/", fields, headers=HERE).status_code == 200
    assert Asset.objects.get().title == "Ocean"


def test_whoever_is_signed_out_finds_the_words_on_the_page(client, asset):
    response = client.post(asset.get_absolute_url(), {"title": "Ocean"}, headers=HERE)
    assert response.status_code == 401
    assert "Ocean" in response.content.decode()
    assert client.post(asset.get_absolute_url(), {"title": "Ocean"}).status_code == 302
    asset.refresh_from_db()
    assert asset.title == "Sea"
