"""What holds for every page: sign-in, the content security policy, compression, and errors for programs."""

import gzip
import uuid

import pytest
from django.test import Client

from assets.models import Tag
from tests.conftest import client_of
from tests.support.factories import a_picture, a_user, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def test_everything_is_behind_sign_in(client):
    asset = an_asset()
    for url in ["/", "/upload/", "/trash/", f"/assets/{asset.pk}/", f"/assets/{asset.pk}/preview/",
                    f"/assets/{asset.pk}/original/", "/assets/cards/", "/admin/"]:  # fmt: skip
        response = client.get(url)
        assert response.status_code == 302, url
        assert "/login/" in response["location"], url
    answer = client.get("/", headers=JSON)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]


def test_programs_get_errors_as_json(as_ana, client, ana):
    assert as_ana.get("/nowhere/", headers=JSON).json()["error"]["code"] == "not_found"
    assert as_ana.get(f"/assets/{uuid.uuid4()}/", headers=JSON).json()["error"]["message"]
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {}, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    asset = an_asset(owner=ana)
    assert as_ana.post(f"/assets/{asset.pk}/trash/", headers=JSON).json()["trashed_at"]
    assert as_ana.post(f"/assets/{asset.pk}/restore/", headers=JSON).json()["trashed_at"] is None


def test_an_outdated_form_gets_an_error_page(ana):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    response = strict.post("/upload/", {})
    assert response.status_code == 403
    assert "Page out of date" in response.content.decode()


def test_the_favicon_is_found(client):
    assert client.get("/favicon.ico")["location"].endswith("icon.svg")


def test_every_page_has_a_strict_content_security_policy(as_ana, ana):
    asset = an_asset(owner=ana, tags=("t",), description="d")
    for url in ["/", "/upload/", "/trash/", "/accounts/password/", asset.get_absolute_url()]:
        response = as_ana.get(url)
        policy = response["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_an_inactive_account_sees_nothing(ana):
    client = client_of(ana)
    ana.is_active = False
    ana.save()
    assert client.get("/").status_code == 302


def test_signing_in_and_out(client):
    a_user("eve")
    response = client.post(
        "/accounts/login/", {"username": "eve", "password": "an easy password for tests"}, follow=True
    )
    assert response.redirect_chain == [("/", 302)]
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_pages_are_compressed_and_pictures_are_not(as_ana, ana):
    asset = an_asset(owner=ana, content=a_picture(size=(300, 300)))
    accepting = {"accept-encoding": "gzip, br"}
    page = as_ana.get("/", headers=accepting)
    assert page["content-encoding"] == "gzip"
    assert int(page["content-length"]) == len(page.content)
    assert f"card-{asset.pk}" in gzip.decompress(page.content).decode()
    assert "Accept-Encoding" in page["vary"]
    assert "content-encoding" not in as_ana.get("/")
    assert as_ana.get("/", headers=accepting | JSON)["content-encoding"] == "gzip"
    picture = as_ana.get(f"/assets/{asset.pk}/original/", headers=accepting)
    assert "content-encoding" not in picture
    assert int(picture["content-length"]) == asset.size
    picture.close()


def test_every_page_of_a_kind_has_a_title_of_its_own():
    root = client_of(a_user("root", role="administrator"))
    asset, tag = an_asset(tags=["sea"]), "sea"
    pages = [root.get(url) for url in ("/tags/", "/admin/assets/tag/", "/trash/", "/trash/everyone/", f"/tags/{tag}/")]
    edit = root.get(f"{Tag.objects.get(name=tag).settings_url}edit/")
    bulk = root.post("/assets/bulk/", {"action": "tag", "id": asset.pk})
    titles = [page.content.decode().partition("<title>")[2].partition("</title>")[0] for page in (*pages, edit, bulk)]
    assert all(titles)
    assert len({title.strip() for title in titles}) == len(titles)
