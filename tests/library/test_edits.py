"""Edits by several people, or from several tabs, of one asset: nothing is undone, and nothing is made public."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from assets.bulk import run
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext
from assets.labels import edit
from assets.models import Asset, Collection, Role, Tag, Visibility
from assets.permissions import OWNER_ONLY
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


@pytest.fixture
def asset(ana) -> Asset:
    return an_asset(owner=ana, title="Sea", description="one\ntwo", tags=("blue",))


@pytest.fixture
def as_manager(db):
    return client_of(a_user("cleo", role=Role.MANAGER))


def read(client, asset: Asset) -> dict:
    return client.get(asset.get_absolute_url(), headers=JSON).json()


def version_of(client, asset: Asset) -> str:
    return read(client, asset)["version"]


def send(client, asset: Asset, **fields):
    return client.post(asset.get_absolute_url(), fields, headers=JSON)


def open_form(client, asset: Asset) -> dict[str, str]:
    """What the page's form sends if nothing is changed in it."""
    return fields_of(client.get(asset.get_absolute_url()).content.decode(), "data-edit-form")


def submit(client, asset: Asset, form: dict[str, str], **changes: str):
    return client.post(asset.get_absolute_url(), {**form, **changes})


def now(asset: Asset) -> tuple[str, str, str, set[str]]:
    asset.refresh_from_db()
    return asset.title, asset.description, asset.visibility, set(asset.tags.values_list("name", flat=True))


# --- Pages ---


def test_a_stale_page_changes_only_what_was_changed_in_it(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    submit(as_ana, asset, open_form(as_ana, asset), description="all new", tags="blue, green", visibility="team")
    assert submit(as_manager, asset, stale, title="Ocean", tags="red").status_code == 302
    assert now(asset) == ("Ocean", "all new", "team", {"green", "red"})


def test_a_stale_page_makes_no_private_asset_public(as_ana, asset):
    stale = open_form(as_ana, asset)
    submit(as_ana, asset, open_form(as_ana, asset), visibility="private")
    assert submit(as_ana, asset, stale, title="Ocean").status_code == 302
    assert now(asset)[:3] == ("Ocean", "one\ntwo", "private")


def test_a_form_that_shows_no_version_makes_no_private_asset_public(as_ana, ana):
    asset = an_asset(owner=ana, visibility=Visibility.PRIVATE)
    response = as_ana.post(asset.get_absolute_url(), {"title": "Bird", "visibility": "team"})
    assert response.status_code == 409
    assert as_ana.post(asset.get_absolute_url(), {"title": "Bird", "visibility": ""}).status_code == 302
    assert now(asset)[2] == "private"


def test_the_same_field_is_a_choice_that_keeps_both_texts(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    submit(as_ana, asset, open_form(as_ana, asset), title="Hers & <more>", description="hers too")
    response = submit(as_manager, asset, stale, title="His own", tags="blue, red")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Hers &amp; &lt;more&gt;" in page
    assert 'value="His own"' in page
    assert "by ana" in page
    assert now(asset) == ("Hers & <more>", "hers too", "team", {"blue"})
    form = fields_of(page, "data-edit-form")
    assert (form["description"], form["tags"]) == ("hers too", "blue, red")
    assert submit(as_manager, asset, form, keep_title="now").status_code == 302
    assert now(asset) == ("Hers & <more>", "hers too", "team", {"blue", "red"})


def test_ones_own_value_can_be_chosen(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    submit(as_ana, asset, open_form(as_ana, asset), title="Hers")
    form = fields_of(submit(as_manager, asset, stale, title="His").content.decode(), "data-edit-form")
    submit(as_ana, asset, open_form(as_ana, asset), title="Hers again")
    second = submit(as_manager, asset, form, keep_title="yours")
    assert second.status_code == 409
    assert "Hers again" in second.content.decode()
    form = fields_of(second.content.decode(), "data-edit-form")
    assert submit(as_manager, asset, form, keep_title="yours").status_code == 302
    assert now(asset)[0] == "His"


def test_the_same_change_twice_is_no_conflict(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    changes = {"title": "Ocean", "tags": "Blue, red"}
    for client, form in ((as_ana, open_form(as_ana, asset)), (as_manager, stale)):
        assert submit(client, asset, form, **changes).status_code == 302
    assert now(asset)[0] == "Ocean"


def test_an_edit_that_is_sent_twice_is_made_once(as_ana, ana, asset):
    form, url = open_form(as_ana, asset), asset.get_absolute_url()
    seen = set()
    for _ in range(2):
        assert submit(as_ana, asset, form, title="Ocean", tags="red", collections="Trips").status_code == 302
        seen.add(version_of(as_ana, asset))
    assert send(as_ana, asset, version=form["version"], add_tags="Red", remove_tags="blue").json()["version"] in seen
    as_ana.post(f"{url}trash/")
    seen.add(version_of(as_ana, asset))
    as_ana.post(f"{url}trash/")
    assert len(seen | {version_of(as_ana, asset)}) == 2


def test_the_choice_of_a_form_that_is_invalid_otherwise_is_kept(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    submit(as_ana, asset, open_form(as_ana, asset), title="Hers")
    form = fields_of(submit(as_manager, asset, stale, title="His").content.decode(), "data-edit-form")
    refused = submit(as_manager, asset, form, keep_title="now", tags="x" * 61)
    form = fields_of(refused.content.decode(), "data-edit-form")
    assert submit(as_manager, asset, form, tags="blue, red").status_code == 302
    assert now(asset) == ("Hers", "one\ntwo", "team", {"blue", "red"})


def test_what_an_asset_has_already_stops_no_other_edit(as_ana, asset):
    """As many tags as two people may add, and a text that is as long as it may be but for how browsers send it."""
    lines = "x\n" * 2500
    names = [",".join(f"{letter}{number}" for number in range(40)) for letter in "ab"]
    version = version_of(as_ana, asset)
    assert submit(as_ana, asset, open_form(as_ana, asset), description=lines.replace("\n", "\r\n")).status_code == 302
    assert [send(as_ana, asset, version=version, add_tags=some).status_code for some in names] == [200, 200]
    assert submit(as_ana, asset, open_form(as_ana, asset), title="Ocean").status_code == 302
    assert now(asset)[:2] == ("Ocean", lines.strip())


def test_a_title_is_on_one_line(as_ana, ana):
    asset = an_asset(owner=ana, title="from\nelsewhere")
    form = open_form(as_ana, asset)
    assert form["title"] == "from elsewhere"
    submit(as_ana, asset, form, description="words")
    assert now(asset)[:2] == ("from\nelsewhere", "words")
    assert send(as_ana, asset, version=version_of(as_ana, asset), title="a\r\nb").json()["title"] == "a b"


def test_the_conflict_page_of_an_invalid_form_comes_once_it_is_valid(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    submit(as_ana, asset, open_form(as_ana, asset), title="Hers", tags="blue, green")
    refused = submit(as_manager, asset, stale, title="His", tags="x" * 61)
    assert refused.status_code == 400
    form = fields_of(refused.content.decode(), "data-edit-form")
    assert submit(as_manager, asset, form, tags="blue, red").status_code == 409
    assert now(asset)[3] == {"blue", "green"}


def test_an_owner_who_hides_an_asset_ends_the_edits_of_others(as_ana, as_manager, asset):
    stale = open_form(as_manager, asset)
    send(as_ana, asset, version=version_of(as_ana, asset), visibility="private")
    assert submit(as_manager, asset, stale, title="His").status_code == 404
    assert now(asset)[0] == "Sea"


# --- Programs ---


def test_only_its_owner_hides_an_asset(as_manager, ana, asset):
    mine = an_asset(owner=ana)
    answer = send(as_manager, asset, version=version_of(as_manager, asset), title="His", visibility="private")
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, OWNER_ONLY)
    assert now(asset)[::2] == ("Sea", "team")
    stale = {**open_form(as_manager, mine), "visibility": "team"}
    assert submit(as_manager, mine, stale, title="His").status_code == 302


def test_a_program_has_to_say_what_it_read(as_ana, asset):
    answer = send(as_ana, asset, title="Ocean")
    assert answer.status_code == 400
    assert answer.json()["errors"]["version"][0]["code"] == "required"
    answer = as_ana.post(asset.get_absolute_url(), {"title": "Ocean"}, content_type="application/json")
    assert (answer.status_code, answer["content-type"]) == (400, "application/json")
    assert now(asset)[0] == "Sea"


def test_a_field_that_changed_meanwhile_is_a_conflict_and_nothing_is_written(as_ana, as_manager, asset):
    version = version_of(as_manager, asset)
    send(as_ana, asset, version=version, title="Hers")
    answer = send(as_manager, asset, version=version, title="His", description="his", add_tags="red")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert answer.json()["asset"] == read(as_manager, asset)
    assert now(asset) == ("Hers", "one\ntwo", "team", {"blue"})
    again = send(as_manager, asset, version=answer.json()["asset"]["version"], title="His")
    assert (again.status_code, again.json()["title"]) == (200, "His")


def test_other_fields_and_other_names_are_none(as_ana, as_manager, asset):
    version = version_of(as_manager, asset)
    send(as_ana, asset, version=version, title="Hers", add_tags="green", add_collections="Trips/2024")
    answer = send(as_manager, asset, version=version, description="his", add_tags="Red", remove_tags="BLUE, unknown")
    assert answer.status_code == 200
    assert now(asset) == ("Hers", "his", "team", {"green", "Red"})
    assert answer.json()["collections"] == ["Trips/2024"]
    answer = send(as_manager, asset, version=version, add_collections="Work", remove_collections="trips/2024")
    assert answer.json()["collections"] == ["Work"]


@pytest.mark.parametrize("field", ["tags", "collection"])
def test_a_whole_list_replaces_only_the_list_that_was_read(as_ana, as_manager, asset, field):
    version = version_of(as_manager, asset)
    assert send(as_ana, asset, version=version, **{field: "one, two"}).status_code == 200
    assert send(as_manager, asset, version=version, **{field: "three"}).status_code == 409
    assert send(as_manager, asset, version=version, **{field: "TWO, one"}).status_code == 200
    assert send(as_manager, asset, version=version_of(as_manager, asset), **{field: ""}).status_code == 200


def test_a_version_that_is_none_of_ours_is_stale(as_ana, asset):
    assert send(as_ana, asset, version="1", title="Ocean").status_code == 409
    assert send(as_ana, asset, version="1", title="Sea").status_code == 200


def test_a_json_body_edits_too(as_ana, asset):
    body = {"version": version_of(as_ana, asset), "title": "Ocean", "add_tags": ["red", "green"]}
    answer = as_ana.post(asset.get_absolute_url(), body, content_type="application/json", headers=JSON)
    assert (answer.json()["title"], answer.json()["tags"]) == ("Ocean", ["blue", "green", "red"])
    for wrong in ("[1]", '{"title": 3}', "not JSON"):
        answer = as_ana.post(asset.get_absolute_url(), wrong, content_type="application/json", headers=JSON)
        assert answer.status_code == 400


def test_the_version_changes_with_every_edit(as_ana, ana, asset):
    asset.set_labels(tags=["blue"], collections=["Trips"], by=ana)
    context = ActionContext(ana, timezone.now(), names=("bulk",), visibility="private")
    changes = [
        lambda: send(as_ana, asset, version=version_of(as_ana, asset), title="Ocean"),
        lambda: send(as_ana, asset, version=version_of(as_ana, asset), title="Sea"),
        lambda: edit.rename(Tag.objects.get(name="blue"), "azure"),
        lambda: edit.rename(Collection.objects.get(name="Trips"), "Travel"),
        lambda: edit.delete(Collection.objects.get(name="Travel")),
        lambda: run.apply(ACTIONS["tag"], [asset.pk], context),
        lambda: run.apply(ACTIONS["visibility"], [asset.pk], context),
        lambda: as_ana.post(f"{asset.get_absolute_url()}trash/"),
        lambda: as_ana.post(f"{asset.get_absolute_url()}restore/"),
    ]
    versions = [version_of(as_ana, asset)]
    for change in changes:
        change()
        versions.append(version_of(as_ana, asset))
    assert len(set(versions)) == len(versions)


def test_the_version_is_that_of_what_the_person_sees(as_ana, as_ben, ana, asset):
    before = version_of(as_ben, asset)
    private = Collection.objects.get_or_create_by_name("Secret", ana, is_private=True)
    asset.collections.add(private)
    assert version_of(as_ben, asset) == before
    assert version_of(as_ana, asset) != before
    send(as_ana, asset, version=version_of(as_ana, asset), title="Ocean")
    assert private in asset.collections.all()


def at_once(calls: Sequence[Callable[[], HttpResponse]]) -> list[int]:
    """The statuses of the answers to requests that are sent at the same moment."""
    start, statuses = threading.Barrier(len(calls)), [0] * len(calls)

    def run(number: int) -> None:
        start.wait()
        statuses[number] = calls[number]().status_code
        connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_is_told_of_the_other(ana, as_ana, asset):
    """All read the same version; four of each kind, at the same moment."""
    version = version_of(as_ana, asset)
    changes = [{"version": version, field: f"word{n}"} for n in range(4) for field in ("title", "add_tags")]
    statuses = at_once([partial(send, client_of(ana), asset, **change) for change in changes])
    assert sorted(statuses[::2]) == [200, 409, 409, 409]
    assert statuses[1::2] == [200] * 4
    assert now(asset)[3] == {"blue", "word0", "word1", "word2", "word3"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [{"name": "azure"}, {"name": "red"}, {"action": "delete"}])
def test_a_tag_is_changed_while_its_assets_are_edited(ana, as_ana, as_manager, change):
    for _ in range(3):
        assets = [an_asset(owner=ana, tags=("blue", "red")) for _ in range(6)]
        versions = [version_of(as_ana, asset) for asset in assets]
        url = f"/tags/{Tag.objects.get(name='blue').pk}/"
        calls = [partial(as_manager.post, url, {**change, "confirmed": "1"})]
        for number, (asset, version) in enumerate(zip(assets, versions, strict=True)):
            field = ("add_tags", "remove_tags")[number % 2]
            calls.append(partial(send, client_of(ana), asset, version=version, title="Ocean", **{field: "blue, new"}))
        assert set(at_once(calls)) == {200, 302}
        for asset in Asset.objects.filter(pk__in=[asset.pk for asset in assets]):
            words = set(asset.search_text.split()) & {"blue", "azure", "red", "new"}
            assert words == set(asset.tags.values_list("name", flat=True))
        Asset.objects.all().delete()
        Tag.objects.all().delete()
