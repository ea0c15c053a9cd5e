"""Tags, collections, saved searches, shares and many assets at once, with a token."""

import csv
import io

import pytest
from django.test import Client

from assets.models import Collection, Role
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db


def send(program, method, path, /, **body):
    return getattr(program, method)(path, body, content_type="application/json")


def test_collections_are_made_renamed_and_deleted(program, ana):
    made = send(program, "post", "/collections", path="Trips/2024", visibility="private")
    assert (made.status_code, made.json()["visibility"]) == (201, "private")
    assert send(program, "post", "/collections", path="Trips/2024", visibility="private").status_code == 200
    path = f"/collections/{made.json()['id']}"
    changed = send(program, "patch", path, path="Voyages/2025", description="By sea", visibility="team").json()
    assert (changed["path"], changed["description"], changed["visibility"]) == ("Voyages/2025", "By sea", "team")
    send(program, "post", "/collections", path="Other")
    assert send(program, "patch", path, path="Other").json()["code"] == "taken"
    listed = program.get("/collections").json()["items"]
    assert {one["path"] for one in listed} >= {"Other", "Voyages/2025"}
    [within] = program.get("/collections", {"within": next(c["id"] for c in listed if c["path"] == "Voyages")}).json()[
        "items"
    ]
    assert within["path"] == "Voyages/2025"
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


def test_what_is_of_others_is_for_managers_to_change(program, ben, program_of):
    an_asset(owner=ben).set_labels(tags=["sea"], collections=["Trips"])
    tag = program.get("/tags").json()["items"][0]
    assert (tag["name"], tag["asset_count"]) == ("sea", 1)
    collection = Collection.objects.get()
    assert send(program, "patch", f"/tags/{tag['id']}", name="ocean").status_code == 403
    assert program.delete(f"/collections/{collection.pk}").status_code == 403
    manager = program_of(a_user(role=Role.MANAGER))
    assert send(manager, "patch", f"/tags/{tag['id']}", name="ocean").json()["name"] == "ocean"
    assert manager.delete(f"/tags/{tag['id']}").status_code == 204


def test_saved_searches_are_ones_own_or_of_the_team(program, program_of):
    made = send(program, "post", "/searches", name="Heroes", q="tag:hero")
    assert (made.status_code, made.json()["q"]) == (201, "tag:hero")
    path = f"/searches/{made.json()['id']}"
    changed = send(program, "patch", path, q="tag:hero type:image", is_pinned=False).json()
    assert (changed["q"], changed["is_pinned"], changed["name"]) == ("tag:hero type:image", False, "Heroes")
    assert send(program, "patch", path, is_team=True).status_code == 403
    assert send(program, "post", "/searches", name="Team", q="x", is_team=True).status_code == 403
    manager = program_of(a_user(role=Role.MANAGER))
    assert manager.delete(path).status_code == 404
    assert send(manager, "post", "/searches", name="Team", q="x", is_team=True).json()["is_team"]
    assert [one["name"] for one in program.get("/searches").json()["items"]] == ["Heroes", "Team"]
    assert program.delete(path).status_code == 204


def test_shares_open_until_they_are_revoked(program, ana):
    asset = an_asset(owner=ana, title="Shown")
    made = send(program, "post", "/shares", name="For you", ids=[str(asset.pk)], expires="never")
    assert made.status_code == 201, made.content
    assert Client().get(made.json()["link"]).status_code == 200
    assert [one["name"] for one in program.get("/shares").json()["items"]] == ["For you"]
    path = f"/shares/{made.json()['id']}"
    changed = send(program, "patch", path, name="For us", password="open sesame", shows_urls=True).json()
    assert (changed["name"], changed["has_password"], changed["shows_urls"]) == ("For us", True, True)
    assert changed["allows_downloads"]
    assert changed["expires_at"] is None
    assert send(program, "patch", path, password="", allows_downloads=False).json()["has_password"] is False
    revoked = program.delete(path)
    assert send(program, "patch", path, name="Again").status_code == 409
    assert (revoked.json()["state"], revoked.json()["link"]) == ("revoked", None)
    assert Client().get(made.json()["link"]).status_code == 404
    assert send(program, "post", "/shares", name="None", q="tag:nothing").status_code == 422


def test_many_assets_are_changed_once_that_is_confirmed(program, ana, ben):
    own, other = an_asset(owner=ana), an_asset(owner=ben)
    bulk = {"action": "tag", "tags": ["hero"], "ids": [str(own.pk), str(other.pk)]}
    shown = send(program, "post", "/bulk", **bulk).json()
    assert (shown["changed"], shown["not_allowed"], shown["confirmed"]) == (1, 1, False)
    assert not own.tags.exists()
    done = send(program, "post", "/bulk", **bulk, confirm=True).json()
    assert (done["changed"], done["confirmed"]) == (1, True)
    assert [asset["id"] for asset in program.get("/assets?q=tag:hero").json()["items"]] == [str(own.pk)]
    assert send(program, "post", "/bulk", action="trash", q="tag:hero", confirm=True).json()["changed"] == 1
    assert send(program, "post", "/bulk", action="trash").status_code == 422
    assert send(program, "post", "/bulk", action="hand_over", ids=bulk["ids"]).status_code == 422


def test_an_export_has_all_that_a_search_finds(program, ana):
    for number in range(3):
        an_asset(owner=ana, title=f"Hero {number}")
    response = program.get("/export", {"q": "hero", "sort": "name"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [row["title"] for row in rows] == ["Hero 0", "Hero 1", "Hero 2"]
