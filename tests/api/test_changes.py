"""Changing assets with a token: on the rules of the pages, and over no change of somebody else."""

import pytest
from auditlog.models import LogEntry

from assets.models import Asset, Role, Visibility
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db


def patch(program, asset, match="*", /, **change):
    headers = {"if-match": match} if match else {}
    return program.patch(f"/assets/{asset.pk}", change, content_type="application/json", headers=headers)


def test_an_edit_changes_what_it_names(program, ana):
    asset = an_asset(owner=ana, title="Old", description="Kept")
    asset.set_labels(tags=["sea", "night"])
    etag = program.get(f"/assets/{asset.pk}")["etag"]
    changed = patch(program, asset, etag, title="New", add_tags=["day"], remove_tags=["sea"], collections=["A/B"])
    assert changed.status_code == 200
    facts = changed.json()
    assert (facts["title"], facts["description"]) == ("New", "Kept")
    assert (facts["tags"], facts["collections"]) == (["day", "night"], ["A/B"])
    assert changed["etag"] == f'"{facts["version"]}"' != etag
    entry = LogEntry.objects.filter(object_pk=str(asset.pk), changes__has_key="title").latest("pk")
    assert (entry.actor, entry.remote_addr) == (ana, "127.0.0.1")


def test_the_etag_of_a_compressed_answer_is_good_for_a_change(program, ana):
    asset = an_asset(owner=ana, description="Long enough to be compressed. " * 20)
    read = program.get(f"/assets/{asset.pk}", headers={"accept-encoding": "gzip"})
    assert read["content-encoding"] == "gzip"
    assert read["etag"].startswith("W/")
    assert patch(program, asset, read["etag"], title="New").status_code == 200


def test_no_change_of_somebody_else_is_lost(program, ana):
    asset = an_asset(owner=ana, title="Old")
    read = program.get(f"/assets/{asset.pk}")
    assert patch(program, asset, "").json()["code"] == "version_required"
    Asset.objects.filter(pk=asset.pk).update(title="Of somebody else")
    lost = patch(program, asset, read["etag"], title="New")
    assert (lost.status_code, lost.json()["code"]) == (412, "conflict")
    # With the version in the body, only a change of the same field is in the way, as on the pages.
    assert patch(program, asset, "", version=read.json()["version"], title="New").status_code == 409
    assert patch(program, asset, "", version=read.json()["version"], description="New").status_code == 200
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("Of somebody else", "New")


def test_rules_and_sentences_are_those_of_the_pages(program, ana, ben, program_of):
    asset = an_asset(owner=ben, title="Of ben")
    refused = patch(program, asset, title="Mine")
    assert refused.json()["detail"] == "This asset belongs to somebody else. Ask its owner or a manager to change it."
    manager = program_of(a_user(role=Role.MANAGER))
    assert patch(manager, asset, title="Better").status_code == 200
    assert patch(manager, asset, visibility="private").json()["code"] == "forbidden"
    long = patch(program_of(ben), asset, title="x" * 300)
    assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "title")


def test_assets_go_to_the_trash_and_come_back(program, ana):
    asset = an_asset(owner=ana)
    assert program.delete(f"/assets/{asset.pk}?permanent=true").status_code == 409
    assert program.delete(f"/assets/{asset.pk}", headers={"if-match": '"old"'}).status_code == 412
    assert program.delete(f"/assets/{asset.pk}").status_code == 204
    assert program.get("/assets").json()["items"] == []
    assert program.get("/assets?q=is:trashed").json()["items"][0]["trashed_at"]
    assert program.post(f"/assets/{asset.pk}/restore").json()["trashed_at"] is None
    program.delete(f"/assets/{asset.pk}")
    assert program.delete(f"/assets/{asset.pk}?permanent=true").status_code == 204
    assert program.get(f"/assets/{asset.pk}").status_code == 404


def test_favourites_are_set_twice_and_removed_twice(program, ben):
    asset = an_asset(owner=ben, visibility=Visibility.TEAM)
    path = f"/assets/{asset.pk}/favourite"
    assert [program.put(path).status_code for _ in range(2)] == [204, 204]
    assert len(program.get("/assets?q=is:favourite").json()["items"]) == 1
    assert [program.delete(path).status_code for _ in range(2)] == [204, 204]
    assert program.get("/assets?q=is:favourite").json()["items"] == []
