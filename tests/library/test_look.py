"""The quick look at an asset, and the pages of a PDF."""

import pytest

from assets.models import Role
from assets.previews.render import render_preview
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset
from tests.support.media import a_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(ana):
    file = a_stored_file(content=a_pdf(), media_type="application/pdf")
    render_preview(file)
    return an_asset(owner=ana, stored_file=file, visibility="private")


def look_at(client, asset, query: str = "") -> str:
    response = client.get(f"{asset.get_absolute_url()}look/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_it_links_to_the_page_in_the_same_search(as_ana, ana):
    asset = an_asset(owner=ana, title="Sea")
    assert f'href="{asset.get_absolute_url()}?q=sea&amp;sort=name"' in look_at(as_ana, asset, "?q=sea&sort=name")


def test_a_viewer_is_offered_nothing_that_changes_an_asset(ana):
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=a_picture(), link_status="broken"))
    seen = look_at(client_of(a_user("vera", role=Role.VIEWER)), asset)
    assert "Copy URL" in seen
    assert "Favourite" in seen
    assert not any(words in seen for words in ("Re-upload</button>", "Add tags", "Add to collection"))


def test_in_the_trash_it_offers_to_restore_and_nothing_that_does_not_fit(as_ana, ana):
    asset = an_asset(owner=ana)
    asset.trash(asset.created_at)
    seen = look_at(as_ana, asset)
    assert "Restore" in seen
    assert not any(words in seen for words in ("Add tags", "data-favourite", "Share:"))


def test_the_pages_of_a_pdf_are_pictures_with_their_sizes(as_ana, paper):
    pages = as_ana.get(f"{paper.get_absolute_url()}pages/").content.decode()
    assert 'alt="Page 1 of 1"' in pages
    assert 'width="1600"' in pages
    picture = as_ana.get(f"{paper.get_absolute_url()}pages/1/")
    assert (picture["content-type"], picture.content[8:12]) == ("image/webp", b"WEBP")
    assert picture["content-security-policy"] == "default-src 'none'; sandbox"
    assert as_ana.get(f"{paper.get_absolute_url()}pages/2/").status_code == 404


def test_nobody_else_sees_the_pages_of_a_private_one(as_ben, paper):
    assert [as_ben.get(f"{paper.get_absolute_url()}pages/{page}").status_code for page in ("", "1/")] == [404, 404]


def test_what_is_no_pdf_or_cannot_be_read_has_no_pages(as_ana, ana, paper):
    picture = an_asset(owner=ana, content=a_picture())
    assert as_ana.get(f"{picture.get_absolute_url()}pages/").status_code == 404
    paper.stored_file.original.delete(save=True)
    assert as_ana.get(f"{paper.get_absolute_url()}pages/1/").status_code == 404
