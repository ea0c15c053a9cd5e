"""The columns of the list: sorted by, chosen and as wide as a person wants them."""

import re

import pytest

from assets.library.columns import MAX_WIDTH, read_columns, write_columns
from assets.models import User
from tests.support.factories import an_asset


def columns(page: str) -> list[str]:
    return re.findall(r'data-column="(\w+)"', page)


def titles(page: str) -> list[str]:
    return re.findall(r'class="card-title"[^>]*>([^<]*)<', page)


def follow(client, page: str, label: str) -> str:
    return client.get(re.search(rf'class="row-sort"\s+href="([^"]*)">{label}<', page)[1]).content.decode()


@pytest.mark.parametrize(("label", "direction"), [("Title", "ascending"), ("Size", "descending")])
def test_the_name_of_a_column_sorts_by_it_and_then_the_other_way(as_ana, ana, label, direction):
    for title, size in (("a", 30), ("b", 20), ("c", 10)):
        asset = an_asset(owner=ana, title=title)
        type(asset).objects.filter(pk=asset.pk).update(size=size)
    type(asset).objects.reindex()
    as_ana.post("/layout/", {"layout": "list"})
    page = follow(as_ana, as_ana.get("/").content.decode(), label)
    assert titles(page) == ["a", "b", "c"]
    assert f'aria-sort="{direction}"' in page
    assert titles(follow(as_ana, page, label)) == ["c", "b", "a"]


def test_columns_are_chosen_with_their_widths_and_kept_for_the_person(as_ana, ana):
    an_asset(owner=ana)
    as_ana.post("/layout/", {"layout": "list"})
    assert columns(as_ana.get("/").content.decode()) == ["type", "size", "dimensions", "owner", "added"]
    as_ana.post("/columns/", {"column": ["added", "size:120", "nothing", "size"]})
    assert columns(as_ana.get("/").content.decode()) == ["size", "added"]
    answer = as_ana.post("/columns/", {"column": ["size:120"]}, headers={"accept": "application/json"})
    assert answer.json() == {"columns": "size:120"}
    assert 'width="120"' in as_ana.get("/").content.decode()
    as_ana.post("/columns/", {})
    assert columns(as_ana.get("/").content.decode()) == []
    assert User.objects.get(pk=ana.pk).list_columns == "none"


@pytest.mark.any_database
def test_odd_choices_become_columns_or_nothing():
    assert write_columns(["type", "size", "dimensions", "owner", "added"]) == ""
    assert write_columns(["size:x", "type:-5", "owner:99999", "added:1"]) == "type,size,owner,added:48"
    assert [column.width for column in read_columns(f"size:{MAX_WIDTH}")] == [MAX_WIDTH]
