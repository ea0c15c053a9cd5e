"""Programs list, keep and explain what models made."""

from datetime import timedelta

import pytest

from assets.models import GenerationHistory, RunInput
from assets.models.generations import OutputState
from tests.api.test_errors import check
from tests.generations.test_pages import PROMPT, a_run
from tests.support.factories import an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_programs_keep_what_expires(ana, ben, program, program_of):
    assert program.get("/outputs").json() == {"items": [], "next": None}
    soon, gone = a_run(person=ana, ago=timedelta(days=6), error="NSFW"), a_run(ago=timedelta(days=8))
    asset = an_asset(owner=ana)
    RunInput.objects.create(run=soon, url=asset.stored_file.url, stored_file=asset.stored_file, field="image")
    RunInput.objects.create(run=soon, url="https://elsewhere.example/mask.png", field="mask")
    output = soon.outputs.get()
    check(program.post(f"/outputs/{output.pk}/keep"), 409, "off")
    GenerationHistory.objects.create(is_on=True)
    (item,) = program.get("/outputs").json()["items"]
    assert (item["state"], item["cost"], item["deleted_at"]) == ("found", "0.120000", None)
    answer = program.post(f"/outputs/{output.pk}/keep")
    assert (answer.status_code, answer.json()["state"]) == (202, "keeping")
    output.refresh_from_db()
    assert (output.state, output.kept_by) == (OutputState.KEEPING, ana)
    check(program.post(f"/outputs/{gone.outputs.get().pk}/keep"), 409, "gone")
    (deleted,) = program.get("/outputs", {"state": "deleted"}).json()["items"]
    assert deleted["deleted_at"] == gone.outputs.get().expires_at.isoformat()
    run = program.get(f"/runs/{soon.pk}").json()
    assert (run["prompt"], run["parameters"], run["error"], run["person"]) == (PROMPT, {"seed": 7}, "NSFW", "ana")
    assert [(each["field"], each["asset_id"]) for each in run["inputs"]] == [("image", str(asset.pk)), ("mask", None)]
    others = program_of(ben).get(f"/runs/{soon.pk}").json()
    hidden = (others["prompt"], others["parameters"], others["error"], others["inputs"][1]["url"])
    assert hidden == (None, None, None, None)
