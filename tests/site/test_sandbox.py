"""The sandbox implements the documented API, for our client and for a strict one."""

import io
import shutil

import pytest
import requests
from django.urls import include, path
from django.utils import timezone

from assets.catalogue.store import find_model
from assets.catalogue.sync import sync
from assets.models import SegmindModel
from assets.segmind.client import FileToSend, upload
from segmind_site import sandbox
from tests.support.factories import a_file_of, a_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

urlpatterns = [path("sandbox/", include("segmind_site.sandbox")), path("", include("segmind_site.urls"))]


@pytest.fixture
def upload_url(live_server, settings, tmp_path, monkeypatch):
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
def test_a_file_is_served_unchanged(upload_url, size):
    content = a_file_of(size)
    response = requests.get(send(content, "application/pdf"), timeout=5)
    assert response.content == content
    assert response.headers["content-type"] == "application/pdf"


def test_images_are_displayed_and_svgs_are_downloads(upload_url):
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
def test_invalid_requests_are_refused(upload_url, headers, body, status):
    response = requests.post(upload_url, data=body, headers=headers, timeout=5)
    assert response.status_code == status, response.text
    assert ("error" in response.json()) is (status != 200)


def test_only_post_is_allowed(upload_url):
    assert requests.get(upload_url, timeout=5).status_code == 405


def test_every_page_shows_the_sandbox_notice(upload_url, client, as_ana):
    for response in (client.get("/accounts/login/"), as_ana.get("/"), as_ana.get("/upload/")):
        assert "Sandbox." in response.content.decode()


def test_a_missing_file_is_404(upload_url, live_server):
    assert (
        requests.get(f"{live_server.url}/sandbox/assets/x/{'0' * 8}-0000-0000-0000-{'0' * 12}", timeout=5).status_code
        == 404
    )


def test_a_sync_of_models_works_with_its_lists(upload_url, settings):
    address = upload_url.removesuffix("upload-asset")
    settings.SEGMIND_MODELS_URL, settings.SEGMIND_DIRECTORY_URL = f"{address}models", f"{address}llms.txt"
    report = sync(timezone.now())
    try:
        assert (report.added, report.retired, report.remarks) == (1, 0, [])
        assert find_model("sandbox-postcard").inputs[0].name == "image_url"
    finally:
        SegmindModel.objects.filter(slug="sandbox-postcard").delete()
