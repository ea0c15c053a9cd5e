"""New titles and descriptions for many assets, from patterns or by finding and replacing."""

import pytest

from assets.models import Asset
from tests.bulk.test_bulk import bulk, counts
from tests.support.factories import an_asset, many_assets

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour(ana) -> list[Asset]:
    """Three of Ana's, the oldest first."""
    return [an_asset(owner=ana, title=f"IMG_{number}", file_name=f"IMG_{number}.jpg") for number in (7, 8, 9)]


def edit(client, assets, **fields):
    return bulk(client, "edit", assets, confirmed="1", **fields)


def texts(assets) -> list[str]:
    return [Asset.objects.get(pk=asset.pk).title for asset in assets]


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"title_how": "set", "title_text": "Harbour {n:03}"}, ["Harbour 001", "Harbour 002", "Harbour 003"]),
        ({"title_how": "set", "title_text": "{n} {file}", "start": "5"}, ["5 IMG_7", "6 IMG_8", "7 IMG_9"]),
        ({"title_how": "set", "title_text": "Harbour"}, ["Harbour"] * 3),
        ({"title_how": "replace", "title_find": "img_", "title_with": "Sea "}, ["Sea 7", "Sea 8", "Sea 9"]),
        ({"title_how": "replace", "title_find": "img_", "match_case": "1"}, ["IMG_7", "IMG_8", "IMG_9"]),
        ({"title_how": "replace", "title_find": "8", "title_with": r"\1 {n}"}, ["IMG_7", r"IMG_\1 {n}", "IMG_9"]),
        # Nobody loses a title.
        ({"title_how": "replace", "title_find": "IMG_9"}, ["IMG_7", "IMG_8", "IMG_9"]),
        ({"title_how": "replace", "title_find": "IMG", "title_with": "x" * 199}, ["IMG_7", "IMG_8", "IMG_9"]),
    ],
)  # fmt: skip
def test_titles_become_what_is_said_in_the_order_of_the_list(as_ana, harbour, fields, after):
    answer = edit(as_ana, reversed(harbour), sort="oldest", **fields)
    assert texts(harbour) == after
    changed = sum(new != old for new, old in zip(after, ["IMG_7", "IMG_8", "IMG_9"], strict=True))
    assert counts(answer) == (changed, 3 - changed, 0)


def test_descriptions_are_edited_too_and_found_at_once(as_ana, harbour):
    answer = edit(as_ana, harbour, description_how="set", description_text="Seen from {file}\nat dusk", sort="oldest")
    assert answer["message"] == "Edited 3 assets"
    assert Asset.objects.get(pk=harbour[0].pk).description == "Seen from IMG_7\nat dusk"
    found = as_ana.get("/", {"q": "dusk"}, headers={"accept": "application/json"}).json()["assets"]
    assert len(found) == 3


def test_undo_gives_back_exactly_what_was_before(as_ana, harbour):
    undo = edit(as_ana, harbour, title_how="set", title_text="Harbour {n}", description_how="set", description_text="x")
    edit(as_ana, harbour[:1], title_how="set", title_text="Mine")
    as_ana.post(undo["undo"], headers={"accept": "application/json"})
    assert texts(harbour) == ["Mine", "IMG_8", "IMG_9"]
    assert set(Asset.objects.exclude(pk=harbour[0].pk).values_list("description", flat=True)) == {""}


def test_assets_of_others_are_left_out_and_take_no_number(as_ana, harbour, ben):
    theirs = an_asset(owner=ben, title="Theirs")
    fields = {"title_how": "set", "title_text": "Harbour {n}", "sort": "newest"}
    assert counts(edit(as_ana, [*harbour, theirs], **fields)) == (3, 0, 1)
    assert texts([*harbour, theirs]) == ["Harbour 3", "Harbour 2", "Harbour 1", "Theirs"]


def test_what_somebody_else_has_edited_meanwhile_stays(as_ana, harbour):
    opened = Asset.objects.get(pk=harbour[0].pk).updated_at
    as_ana.post(harbour[1].get_absolute_url(), {"title": "Better"})
    edit(as_ana, harbour, title_how="replace", title_find="t", title_with="d", since=opened.isoformat())
    assert texts(harbour)[1] == "Better"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title_how": "set"}, "Enter a title."),
        ({"title_how": "replace"}, "Enter what to find."),
        ({"title_how": "set", "title_text": "{number}"}, "There is no {number}. Use {n}, {n:03}"),
        ({"title_how": "set", "title_text": "{n:99}"}, "There is no {n:99}."),
        ({}, "Choose what to change"),
    ],
)
def test_what_makes_no_sense_changes_nothing_and_is_said(as_ana, harbour, fields, words):
    page = as_ana.post("/assets/bulk/", {"action": "edit", "id": [harbour[0].pk], "confirmed": "1", **fields})
    assert words in page.content.decode().replace("&#x27;", "'")
    assert page.status_code == 400
    assert texts(harbour) == ["IMG_7", "IMG_8", "IMG_9"]


def test_the_preview_shows_old_and_new_and_what_is_left_out(as_ana, harbour):
    fields = {"title_how": "replace", "title_find": "IMG_9", "description_how": "set", "description_text": "At dusk"}
    sent = {"action": "edit", "id": [asset.pk for asset in harbour], **fields}
    page = as_ana.post("/assets/bulk/", sent).content.decode()
    assert page.count("<ins>At dusk</ins>") == 2
    assert "1 of 3 is left out: their title would be empty." in page
    assert "Edit 2 assets" in page
    assert texts(harbour) == ["IMG_7", "IMG_8", "IMG_9"]


def test_thousands_are_edited_in_few_statements(as_ana, ana, django_assert_max_num_queries):
    assets = many_assets(1000, owner=ana)
    with django_assert_max_num_queries(90):
        assert counts(edit(as_ana, assets, title_how="set", title_text="Harbour {n:04}")) == (1000, 0, 0)
    assert Asset.objects.filter(title="Harbour 1000").count() == 1
