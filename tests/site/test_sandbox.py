"""The sandbox speaks the documented API: our client, and a strict one, cannot tell it from Segmind."""

import io
import shutil

import pytest
import requests
from django.urls import include, path

from assets.segmind.client import FileToSend, upload
from segmind_site import sandbox
from tests.support.factories import a_file_of, a_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

urlpatterns = [path("sandbox/", include("segmind_site.sandbox")), path("", include("segmind_site.urls"))]


@pytest.fixture
def address(live_server, settings, tmp_path, monkeypatch):
    settings.ROOT_URLCONF = __name__
    settings.SEGMIND_UPLOAD_URL = f"{live_server.url}/sandbox/upload-asset"
    settings.SEGMIND_ASSET_HOSTS = ["localhost"]
    settings.SANDBOX = True
    monkeypatch.setattr(sandbox, "FOLDER", tmp_path)
    yield settings.SEGMIND_UPLOAD_URL
    shutil.rmtree(tmp_path)


def send(content: bytes, media_type: str) -> str:
    return upload([FileToSend(media_type, len(content), lambda: io.BytesIO(content))])[0]


@pytest.mark.parametrize("size", [1, 2, 3, 262_143, 262_144, 600_001])
def test_a_file_is_served_as_it_was_sent(address, size):
    content = a_file_of(size)
    response = requests.get(send(content, "application/pdf"), timeout=5)
    assert response.content == content
    assert response.headers["content-type"] == "application/pdf"


def test_a_picture_is_shown_and_an_svg_is_a_download_that_can_run_nothing(address):
    picture = requests.get(send(a_picture(), "image/png"), timeout=5)
    assert "attachment" not in picture.headers.get("content-disposition", "")
    svg = requests.get(send(b"<svg/>", "image/svg+xml"), timeout=5)
    assert "attachment" in svg.headers["content-disposition"]
    for response in (picture, svg):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")


GOOD = {"x-api-key": "SG_0123456789abcdef", "content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (GOOD | {"x-api-key": "Bearer x"}, '{"data_urls": []}', 401),
        (GOOD | {"content-type": "text/plain"}, '{"data_urls": []}', 406),
        (GOOD, "", 400),
        (GOOD, "{}", 400),
        (GOOD, '{"data_urls": []}', 400),
        (GOOD, '{"data_urls": ["data:image/png;base64,QQ"]}', 400),
        (GOOD, '{"data_urls": ["data:;base64,QQ=="]}', 400),
        (GOOD, '{"data_urls": ["QQ=="]}', 400),
        (GOOD, '{"data_urls": ["data:image/png;base64,QQ=="]} x', 400),
        (GOOD, ' { "data_urls" : [ "data:image/png;base64,QQ==" , "data:a/b;base64,QUFB" ] } ', 200),
    ],
)
def test_what_the_documentation_does_not_allow_is_refused(address, headers, body, status):
    response = requests.post(address, data=body, headers=headers, timeout=5)
    assert response.status_code == status, response.text
    assert ("error" in response.json()) is (status != 200)


def test_only_posting_is_possible(address):
    assert requests.get(address, timeout=5).status_code == 405


def test_every_page_says_that_this_is_the_sandbox(address, client, as_ana):
    for response in (client.get("/accounts/login/"), as_ana.get("/"), as_ana.get("/upload/")):
        assert "Sandbox." in response.content.decode()


def test_a_file_that_is_not_there_is_404(address, live_server):
    assert (
        requests.get(f"{live_server.url}/sandbox/assets/x/{'0' * 8}-0000-0000-0000-{'0' * 12}", timeout=5).status_code
        == 404
    )
