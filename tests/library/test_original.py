"""Originals as a browser gets them: what may run in it, and byte ranges."""

import pytest

from tests.support.factories import a_picture, a_stored_file, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def test_active_content_is_sent_as_a_download(as_ana, ana):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=svg, media_type="image/svg+xml"))
    response = as_ana.get(f"/assets/{asset.pk}/original/")
    assert response["content-type"] == "application/octet-stream"
    assert response["content-disposition"].startswith("attachment")
    assert response["x-content-type-options"] == "nosniff"
    assert response["content-security-policy"] == "default-src 'none'; sandbox"
    assert b"".join(response.streaming_content) == svg


def test_an_image_is_shown_as_it_was_uploaded(as_ana, ana):
    content = a_picture()
    asset = an_asset(owner=ana, content=content)
    response = as_ana.get(f"/assets/{asset.pk}/original/")
    assert (response["content-type"], b"".join(response.streaming_content)) == ("image/png", content)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, 1000), ("bytes=-7", 993, 1000), ("bytes=990-5000", 990, 1000)],
)
def test_players_get_the_range_they_request(as_ana, ana, header, start, stop):
    content = bytes(i % 251 for i in range(1000))
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=content, media_type="video/mp4"))
    response = as_ana.get(f"/assets/{asset.pk}/original/", headers={"range": header})
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == content[start:stop]
    assert response["content-range"] == f"bytes {start}-{stop - 1}/1000"
    assert int(response["content-length"]) == stop - start


@pytest.mark.parametrize("header", ["bytes=5000-", "bytes=9-3", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"])
def test_an_invalid_range_gets_the_whole_file(as_ana, ana, header):
    asset = an_asset(owner=ana, content=a_picture())
    response = as_ana.get(f"/assets/{asset.pk}/original/", headers={"range": header})
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
