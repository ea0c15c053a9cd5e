"""Finding and reading assets with a token."""

import pytest

from assets.models import Visibility
from tests.support.factories import a_picture, a_stored_file, an_asset

pytestmark = pytest.mark.django_db


def test_a_search_is_read_page_by_page(program, ana, ben):
    for number in range(5):
        an_asset(owner=ana, title=f"Hero {number}", tags=["hero"])
    an_asset(owner=ben, title="Other", tags=["hero"], visibility=Visibility.PRIVATE)
    an_asset(owner=ben, title="No hero")
    titles, cursor = [], ""
    while cursor is not None:
        page = program.get("/assets", {"q": "tag:hero", "sort": "name", "limit": 2, "cursor": cursor}).json()
        titles += [asset["title"] for asset in page["items"]]
        cursor = page["next"]
    assert titles == [f"Hero {number}" for number in range(5)]


def test_what_a_search_does_not_understand_is_said(program):
    assert program.get("/assets", {"q": "size:huge"}).json()["remarks"][0]["text"] == "size:huge"


def test_an_asset_says_what_its_page_says(program, as_ana, ana):
    asset = an_asset(owner=ana, title="Harbour")
    asset.set_labels(tags=["sea"], collections=["Trips"])
    response = program.get(f"/assets/{asset.pk}")
    page = as_ana.get(f"/assets/{asset.pk}/", headers={"accept": "application/json"}).json()
    assert response.json() == page | {"page": f"http://testserver{page['page']}"}
    assert response["etag"] == f'"{page["version"]}"'


def test_originals_are_sent_whole_and_in_parts(program, ana):
    content = a_picture()
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=content))
    assert b"".join(program.get(f"/assets/{asset.pk}/original").streaming_content) == content
    part = program.get(f"/assets/{asset.pk}/original", headers={"range": "bytes=5-9"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[5:10])


def test_snippets_are_those_of_the_page(program, ana):
    asset = an_asset(owner=ana)
    items = program.get(f"/assets/{asset.pk}/snippets").json()["items"]
    assert items[0]["text"] == asset.stored_file.url


def test_a_page_of_a_hundred_takes_as_many_queries_as_one_of_two(program, ana, django_assert_num_queries):
    for number in range(12):
        an_asset(owner=ana, title=f"A {number}").set_labels(tags=["one"], collections=["C"])
    program.get("/me")
    with django_assert_num_queries(5):
        assert len(program.get("/assets?limit=2").json()["items"]) == 2
    with django_assert_num_queries(5):
        assert len(program.get("/assets?limit=100").json()["items"]) == 12
