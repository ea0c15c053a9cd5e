"""Originals as a browser gets them: what may run in it, and byte ranges."""

from pathlib import Path

import pytest
from django.test import Client

from assets.models import Asset
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, an_administrator, an_asset, damage

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def read_disposition(client: Client, asset: Asset, query: str = "") -> str:
    response = client.get(f"/assets/{asset.pk}/original/{query}")
    assert b"".join(response.streaming_content)
    return response["content-disposition"]


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


@pytest.mark.parametrize("query", ["", "?download"])
def test_a_damaged_original_is_not_given_out_whole(as_ana, ana, query):
    asset = an_asset(owner=ana)
    damage(asset.stored_file)
    response = as_ana.get(f"/assets/{asset.pk}/original/{query}")
    assert response.status_code == 404
    assert "The copy on this server is damaged" in response.content.decode()


def test_no_range_is_given_out_of_an_original_of_another_size(as_ana, ana):
    asset = an_asset(owner=ana)
    Path(asset.stored_file.original.path).write_bytes(b"short")
    assert as_ana.get(f"/assets/{asset.pk}/original/", headers={"range": "bytes=0-3"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "saved"),
    [
        ("report.html", "application/pdf", 'attachment; filename="report.html.pdf"'),
        ("run.bat", "image/gif", 'inline; filename="run.bat.gif"'),
        ("photo.jpeg", "image/jpeg", 'inline; filename="photo.jpeg"'),
        ("gpj.\u202eexe", "image/jpeg", 'inline; filename="gpj.exe.jpg"'),
    ],
)
def test_an_original_is_named_by_what_it_is(as_ana, ana, name, media_type, saved):
    asset = an_asset(owner=ana, file_name=name, stored_file=a_stored_file(media_type=media_type))
    assert read_disposition(as_ana, asset) == saved
    assert read_disposition(as_ana, asset, "?download") == saved.replace("inline", "attachment")
    assert as_ana.get(f"/assets/{asset.pk}/", headers=JSON).json()["file_name"] == name


def test_no_name_on_a_page_turns_letters_around(as_ana, upload):
    (result,) = upload(as_ana, ("photo\u202egpj.exe", a_picture()))["results"]
    assert result["file_name"] == "photo\u202egpj.exe"
    assert result["asset"]["title"] == "photogpj"
    as_ana.post(result["asset"]["page"], {"title": "\u2067Title\u202e", "tags": "one\u202e"})
    pages = "".join(as_ana.get(path).content.decode() for path in ("/", "/tags/", result["asset"]["page"]))
    assert "Title" in pages
    assert not {"\u202e", "\u2067"} & set(pages)


def test_no_name_in_the_admin_turns_letters_around(ana):
    asset = an_asset(owner=ana, title="gpj.\u202eexe", file_name="gpj.\u202eexe")
    as_root = client_of(an_administrator())
    pages = [as_root.get(path).content.decode() for path in ("/admin/assets/asset/", f"/people/{ana.pk}/")]
    pages.append(
        as_root.get(f"/admin/assets/asset/{asset.pk}/change/").content.decode().replace('value="gpj.\u202eexe"', "")
    )
    assert "gpj.exe" in pages[0]
    assert "\u202e" not in "".join(pages)


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
