"""What becomes of a set when several people, and the library, change it."""

import pytest
from django.utils import timezone

from assets.models import Asset, ReferenceSet, Role, SetPin
from tests.conftest import client_of
from tests.reference_sets.test_numbers import JSON, an_asset_of, copy, make_set
from tests.support.factories import a_user, an_asset


@pytest.fixture
def max_(db):
    return a_user("max", role=Role.MANAGER)


@pytest.fixture
def scene(ana, as_ana) -> str:
    assets = [an_asset_of(kind, ana, title=f"{kind} {number}") for kind, number in PLANNED]
    return make_set(as_ana, assets, model="seedance-2.0")


PLANNED = [("image", 1), ("image", 2), ("audio", 1)]


def an_asset_of_title(title: str) -> Asset:
    return Asset.objects.get(title=title)


def read(client, page: str) -> dict:
    return client.get(page, headers=JSON).json()


def change(client, page: str, **fields):
    return client.post(page, fields, headers=JSON)


class TestTwoEditors:
    def test_what_they_changed_of_different_members_is_put_together(self, as_ana, scene, max_):
        first, second, _ = read(as_ana, scene)["members"]
        change(as_ana, scene, version=1, **{"member": ids(as_ana, scene), f"role-{first['id']}": "style"})
        reversed_ids = ids(as_ana, scene)[::-1]
        answer = change(client_of(max_), scene, version=1, member=reversed_ids, **{f"words-{second['id']}": "Mira"})
        members = answer.json()["members"]
        assert [member["id"] for member in members] == reversed_ids
        assert [(member["role"], member["words"]) for member in members[1:]] == [("own", "Mira"), ("style", "")]

    def test_the_second_is_told_who_changed_the_same_and_sees_it_as_it_is(self, as_ana, scene, max_):
        pk = ids(as_ana, scene)[0]
        change(client_of(max_), scene, version=1, title="Pier", **{"member": ids(as_ana, scene), f"role-{pk}": "style"})
        before = read(as_ana, scene)
        sent = {"version": 1, "member": ids(as_ana, scene), f"role-{pk}": "product", f"words-{pk}": "Mira’s bag"}
        answer = as_ana.post(scene, sent, headers=JSON)
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "conflict"
        assert "max renamed it to “Pier” and changed the role or words of 1 asset." in answer.json()["error"]["message"]
        assert answer.json()["set"] == before == read(as_ana, scene)
        shown = as_ana.post(scene, sent)
        assert (shown.status_code, "max renamed it" in shown.content.decode()) == (409, True)
        assert "You wrote: “Mira’s bag”" in shown.content.decode()

    def test_an_open_page_learns_of_changes(self, as_ana, scene, max_):
        headers = {"hx-request": "true"}
        assert as_ana.get(f"{scene}?since=1", headers=headers).status_code == 204
        change(client_of(max_), scene, note="Dusk")
        part = as_ana.get(f"{scene}?since=1", headers=headers).content.decode()
        assert "max changed the note." in part
        assert "<html" not in part

    def test_a_set_keeps_who_sees_it_where_an_edit_says_nothing_of_that(self, as_ana, scene):
        assert change(as_ana, scene, visibility="").json()["visibility"] == "team"

    def test_an_edit_of_a_version_that_is_not_known_saves_nothing(self, as_ana, scene):
        ReferenceSet.objects.update(version=7)
        assert change(as_ana, scene, version=5, title="Old").status_code == 409


def ids(client, page: str) -> list[str]:
    return [member["id"] for member in read(client, page)["members"]]


class TestWithoutScripts:
    def test_buttons_move_and_remove_and_save_what_is_typed(self, as_ana, scene):
        first, second, third = ids(as_ana, scene)
        sent = {"version": 1, "member": [first, second, third], f"words-{third}": "Mira’s voice"}
        assert as_ana.post(scene, sent | {"move": f"{second}:up"}).status_code == 302
        assert ids(as_ana, scene) == [second, first, third]
        answer = as_ana.post(scene, {"version": 2, "member": [second, first, third], "remove": first}, follow=True)
        assert ids(as_ana, scene) == [second, third]
        assert f"{scene}undo/3/" in answer.content.decode()
        change(as_ana, scene, title="Renamed")
        as_ana.post(f"{scene}undo/3/")
        assert (ids(as_ana, scene), read(as_ana, scene)["title"]) == ([second, first, third], "Renamed")
        assert read(as_ana, scene)["members"][2]["words"] == "Mira’s voice"

    def test_a_deleted_set_comes_back_for_who_deleted_it(self, as_ana, scene, max_):
        as_ana.post(f"{scene}delete/")
        assert as_ana.get(scene).status_code == 404
        assert client_of(max_).post(f"{scene}restore/").status_code == 404
        as_ana.post(f"{scene}restore/")
        assert len(ids(as_ana, scene)) == 3
        as_ana.post(f"{scene}delete/")
        assert not ReferenceSet.objects.expired(timezone.now()).exists()


class TestMembersThatCannotBeSent:
    def refuse(self, client, page: str) -> str:
        answer = client.get(f"{page}copy/?as=prompt", headers=JSON)
        assert answer.status_code == 409
        return answer.json()["error"]["message"]

    def test_each_keeps_its_place_and_is_named(self, ana, as_ana, scene, ben):
        asset = an_asset_of_title("image 2")
        asset.trash(timezone.now())
        assert self.refuse(as_ana, scene) == "“image 2” is in the trash. Restore it, or leave it out."
        as_ben = client_of(ben)
        assert self.refuse(as_ben, scene) == "An asset in the trash is in this set. Remove it first."
        Asset.objects.filter(pk=asset.pk).update(trashed_at=None, visibility="private")
        assert copy(as_ana, scene, "prompt")
        shown = as_ben.get(scene).content.decode()
        assert "An asset private to somebody else" in shown
        assert "image 2" not in shown.replace("image 2: An asset private", "")
        assert read(as_ben, scene)["members"][1]["asset_id"] is None
        asset.delete()
        assert self.refuse(as_ana, scene) == "An asset that was deleted is in this set. Remove it first."
        assert [member["number"] for member in read(as_ana, scene)["members"]] == ["image 1", "image 2", "audio 1"]

    def test_limits_and_contradictions_are_warned_of(self, ana, as_ana):
        assets = [an_asset_of("image", ana) for _ in range(10)]
        page = make_set(as_ana, assets, model="seedance-2.0")
        assert "10 images; Seedance 2.0 takes 9." in read(as_ana, page)["warnings"]
        pks = ids(as_ana, page)
        roles = {f"role-{pk}": "first_frame" for pk in pks[:2]} | {f"role-{pks[2]}": "last_frame"}
        warnings = change(as_ana, page, member=pks[:3], **roles).json()["warnings"]
        assert warnings == ["2 assets are the first frame. Only the first is sent as that."]
        warnings = change(as_ana, page, member=pks[2:3]).json()["warnings"]
        assert warnings == ["A last frame without a first frame."]
        warnings = change(as_ana, page, model="nano-banana").json()["warnings"]
        assert "Nano Banana has no input for a last frame: it goes with the references." in warnings
        assert copy(as_ana, page, "body")


class TestFromASelection:
    def test_it_is_asked_for_a_set_with_a_model_that_takes_all(self, ana, as_ana):
        assets = [an_asset_of(kind, ana) for kind in ("image", "image", "audio")]
        query = "&".join(f"id={asset.pk}" for asset in assets)
        asked = as_ana.get(f"/sets/add/?{query}").content.decode()
        assert "Add 3 assets to a set" in asked
        assert '<option value="seedance-2.0" selected>' in asked

    def test_it_goes_on_with_one_that_is_there_without_repeats(self, ana, as_ana, scene):
        known, new = an_asset_of_title("image 1"), an_asset(owner=ana)
        sent = {"id": [known.pk, new.pk], "set": scene.split("/")[2], "confirmed": "1"}
        assert [m["title"] for m in as_ana.post("/sets/add/", sent, headers=JSON).json()["members"]][3:] == [new.title]
        assert as_ana.post("/sets/add/", sent, headers=JSON).status_code == 400
        other = an_asset(owner=ana, title="Another")
        offered = as_ana.get(f"{scene}choose/?q=another").content.decode()
        assert (str(other.pk) in offered, str(known.pk) in as_ana.get(f"{scene}choose/").content.decode()) == (
            True,
            False,
        )
        assert as_ana.post("/sets/add/", sent | {"id": [an_asset(owner=ana).pk]}).status_code == 302


def test_a_viewer_pins_and_copies_but_changes_nothing(as_ana, scene):
    as_vera = client_of(a_user("vera", role=Role.VIEWER))
    assert copy(as_vera, scene, "prompt")
    assert change(as_vera, scene, title="No").status_code == 403
    as_vera.post(f"{scene}pin/", {"on": "1"})
    assert SetPin.objects.get().user.username == "vera"
    assert "Pinned sets" in as_vera.get("/").content.decode()
    assert "Pinned sets" not in as_ana.get("/").content.decode()
    assert (read(as_vera, scene)["is_pinned"], read(as_ana, scene)["is_pinned"]) == (True, False)


def test_who_may_not_change_a_set_duplicates_it(as_ana, scene, as_ben):
    assert change(as_ben, scene, title="No").status_code == 403
    made = as_ben.post(f"{scene}duplicate/", headers=JSON)
    assert (made.status_code, made.json()["owner"], made.json()["title"]) == (201, "ben", "Scene (copy)")
    assert [m["title"] for m in read(as_ben, made.json()["page"])["members"]] == [
        "image 1", "image 2", "audio 1"
    ]  # fmt: skip


def test_a_page_reads_of_the_catalogue_only_the_model_that_is_chosen(as_ana, scene, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        shown = as_ana.get(scene).content.decode()
    assert '<option value="nano-banana">' in shown
