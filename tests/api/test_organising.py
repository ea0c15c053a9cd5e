"""Tags, collections, saved searches, shares, many assets at once and events, with a token."""

import csv
import io
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from assets.models import Collection, Role
from tests.support.factories import a_stored_file, a_user, an_asset

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


def read_events(program, after):
    """All there are. What happened just now is not told at once; here, some time has passed."""
    LogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=1))
    answer = program.get(f"/events?after={after}&limit=500").json()
    return [(event["kind"], event["asset_id"]) for event in answer["items"]], answer["next"]


def test_events_tell_what_changed_and_nothing_of_what_is_private(program, ana, ben, program_of):
    start = program.get("/events?after=now").json()["next"]
    asset = an_asset(owner=ana, state="queued")
    secret = an_asset(owner=ben, state="queued", visibility="private")
    path = f"/assets/{asset.pk}"
    send(program, "patch", path, title="New", version=program.get(path).json()["version"])
    theirs = program_of(ben)
    version = program.get(path).json()["version"]
    send(program, "patch", path, visibility="private", version=version)
    found, place = read_events(theirs, start)
    assert found == [("created", str(secret.pk)), ("hidden", str(asset.pk))]
    send(program, "patch", path, visibility="team", version=program.get(path).json()["version"])
    program.delete(path)
    program.post(f"{path}/restore")
    program.delete(path)
    program.delete(f"{path}?permanent=true")
    assert read_events(theirs, place)[0] == [("deleted", str(asset.pk))]
    found, place = read_events(program, start)
    assert {pk for _, pk in found} == {str(asset.pk)}
    assert read_events(program, place) == ([], place)
    assert program.get("/events?after=0.9999999999999999999").status_code == 422


def test_events_tell_what_became_of_uploads(program, ana, ben):
    start = program.get("/events?after=now").json()["next"].partition(".")[0]
    earlier = timezone.now() - timedelta(minutes=5)
    stored = [an_asset(owner=ana, stored_file=a_stored_file(stored_at=earlier)) for _ in range(3)]
    failed = an_asset(owner=ana, stored_file=a_stored_file(state="failed", failed_at=earlier + timedelta(minutes=1)))
    an_asset(owner=ben, stored_file=a_stored_file(stored_at=earlier), visibility="private")
    # Too late to be told yet, however long this takes.
    an_asset(owner=ana, stored_file=a_stored_file(stored_at=timezone.now() + timedelta(minutes=1)))
    place, seen = f"{start}.{int(earlier.timestamp() - 60) * 10**6}", []
    while True:
        page = program.get(f"/events?after={place}&limit=1").json()
        seen += [(event["kind"], event["asset_id"]) for event in page["items"] if event["kind"] in ("stored", "failed")]
        if page["next"] == place:
            break
        place = page["next"]
    assert set(seen[:3]) == {("stored", str(asset.pk)) for asset in stored}
    assert seen[3:] == [("failed", str(failed.pk))]
