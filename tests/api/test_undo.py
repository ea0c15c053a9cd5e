"""Editing the texts of many assets, and taking changes back, with a token."""

import pytest

from assets.models import Asset
from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db
JSON = "application/json"


def edit_many(program, **fields):
    return program.post("/bulk", {"action": "edit", "q": "", "sort": "oldest"} | fields, content_type=JSON)


def titles():
    return list(Asset.objects.order_by("created_at").values_list("title", flat=True))


def test_texts_are_edited_as_they_were_shown_and_given_back(program, ana):
    pks = [an_asset(owner=ana, title=title, description="A draft").pk for title in ("x" * 198, "Sea", "Sky")]
    edits = {"title": {"set": "{title}, take {n:02}"}, "description": {"find": "DRAFT", "replace": "film"}, "start": 7}
    shown = edit_many(program, **edits).json()
    assert (shown["changed"], shown["unchanged"], shown["confirmed"], shown["undo"]) == (2, 1, False, None)
    assert shown["examples"][0] == {"id": str(pks[1]), "title": "Sea, take 08", "description": "A film"}
    assert shown["left_out"] == [{"reason": "their new text would be too long", "count": 1}]
    assert titles() == ["x" * 198, "Sea", "Sky"]

    done = edit_many(program, **edits, confirm=True).json()
    assert (done["changed"], titles()[1:]) == (2, ["Sea, take 08", "Sky, take 09"])
    assert edit_many(program, title={"find": "TAKE", "replace": "part"}, match_case=True).json()["changed"] == 0
    undone = program.post(f"/undo/{done['undo']}").json()
    assert (undone["restored"], undone["message"]) == (2, "Undone: Edited 2 assets")
    assert titles()[1:] == ["Sea", "Sky"]


def test_an_edit_of_texts_says_which_field_is_wrong(program, ana):
    an_asset(owner=ana)

    def field_of(**fields):
        refused = edit_many(program, **fields)
        assert refused.status_code == 422, refused.content
        return [error["field"] for error in refused.json().get("errors", [])]

    assert field_of() == [""]
    assert field_of(title={"set": ""}) == ["title.set"]
    assert field_of(title={"set": "{number}"}, confirm=True) == ["title.set"]
    assert field_of(description={"replace": "x"}) == ["description.find"]
    assert field_of(title={"set": "a", "find": "b"}) == []


def test_every_change_says_how_to_undo_it(program, ana, ben, program_of):
    path = f"/assets/{an_asset(owner=ana, title='Sea').pk}"
    change = {"content_type": JSON, "headers": {"if-match": "*", "idempotency-key": "1"}}
    answers = [
        program.patch(path, {"title": "Sky", "add_tags": ["blue"]}, **change),
        program.put(f"{path}/favourite"),
        program.delete(path),
    ]
    steps = [answer["undo-id"] for answer in answers]
    assert "undo-id" not in program.patch(path, {"title": "Sky"}, **change)
    listed = program.get("/undo").json()["items"]
    assert [step["id"] for step in listed] == steps[::-1]
    assert listed[-1]["summary"] == "Edited “Sea”"

    assert program_of(ben).post(f"/undo/{steps[0]}").status_code == 404
    assert [program.post(f"/undo/{step}").json()["restored"] for step in steps[::-1]] == [1, 1, 1]
    facts = program.get(path).json()
    assert (facts["title"], facts["tags"], facts["trashed_at"]) == ("Sea", [], None)
    again = program.post(f"/undo/{steps[0]}").json()
    assert (again["code"], again["detail"]) == (
        "not_found",
        "Nothing to undo. A change can be undone once, within an hour.",
    )
