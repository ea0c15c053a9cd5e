"""A selection for a model: which one to choose, and a script that sends each asset by itself."""

import json

import pytest
from django.utils import timezone

from assets.bulk import model_views
from assets.models import SegmindModel, Use, Visibility
from tests.support.factories import a_stored_file, an_asset

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
BATCH = "/models/esrgan/batch/"


def ids(assets) -> list[str]:
    return [str(asset.pk) for asset in assets]


def choose(client, assets, **more):
    return client.post("/assets/bulk/", {"action": "model", "id": ids(assets), **more}, headers=JSON).json()


def test_models_that_take_all_of_it_come_first_and_lead_to_the_request(as_ana, ana):
    assets = [*(an_asset(owner=ana) for _ in range(6)), an_asset(stored_file=a_stored_file(media_type="audio/mpeg"))]
    SegmindModel.objects.filter(slug="seedance-2.0-mini").update(use_count=3)
    found = {each["slug"]: each for each in choose(as_ana, assets)["models"]}
    assert list(found)[:2] == ["seedance-2.0-mini", "seedance-2.0"]
    assert (found["seedance-2.0"]["in_one_request"], found["seedance-2.0"]["in_a_script"]) == (7, 7)
    assert (found["esrgan"]["in_one_request"], found["esrgan"]["in_a_script"]) == (1, 6)
    page = as_ana.post("/assets/bulk/", {"action": "model", "id": ids(assets)}).content.decode()
    assert f"/models/seedance-2.0/request/?id={assets[-1].pk}&amp;id=" in page
    assert "Takes all in one request" in page
    assert "/models/esrgan/request/" not in page
    ten = choose(as_ana, [an_asset(owner=ana) for _ in range(10)])["models"]
    assert next(each for each in ten if each["slug"] == "seedance-2.0")["in_one_request"] == 9


def test_a_script_has_what_can_be_sent_and_says_what_cannot(as_ana, ana, ben):
    fits = [an_asset(owner=ana, title=f"Fits {number}") for number in range(2)]
    others = [
        an_asset(owner=ana, state="queued"),
        an_asset(owner=ana, trashed_at=timezone.now()),
        an_asset(stored_file=a_stored_file(media_type="video/mp4")),
        an_asset(owner=ben, visibility=Visibility.PRIVATE),
    ]
    sent = {"id": ids(fits + others), "rate": "50", "script": "bash"}
    found = as_ana.post(BATCH, sent, headers=JSON).json()
    assert (found["input"], found["count"], found["blanks"]) == ("image", 2, [])
    assert found["left_out"] == {"no URL yet": 1, "in the trash": 1, "another kind of file": 1}
    assert all(asset.stored_file.url in found["text"] for asset in fits)
    assert str(others[-1].pk) not in found["text"]
    page = as_ana.post(BATCH, sent).content.decode()
    assert "2 requests" in page
    assert "bash esrgan-batch.sh" in page
    assert SegmindModel.objects.get(slug="esrgan").use_count == 0
    file = as_ana.post(BATCH, sent | {"as": "file"})
    assert b"".join(file.streaming_content).decode() == found["text"]
    assert file["content-disposition"] == 'attachment; filename="esrgan-batch.sh"'
    assert SegmindModel.objects.get(slug="esrgan").use_count == 1
    assert Use.objects.filter(user=ana).count() == 2


def test_parameters_the_rate_and_what_does_not_fit_are_a_matter_of_choice(as_ana, ana):
    long = an_asset(owner=ana, stored_file=a_stored_file(media_type="audio/mpeg", duration=20.0))
    sent = {"all": "1", "q": "type:audio", "p-prompt": "Mira\n</script>", "rate": "7"}
    url = "/models/seedance-2.0/batch/"
    left_out = as_ana.post(url, sent, headers=JSON).json()
    assert (left_out["count"], left_out["input"]) == (0, "reference_audios")
    assert '<option value="reference_audios" selected>' in as_ana.post(url, sent).content.decode()
    found = as_ana.post(url, sent | {"unfit": "on"}, headers=JSON).json()
    assert "RATE = 7 " in found["text"]
    assert json.dumps([long.stored_file.url])[1:-1] in found["text"]
    assert "</script" not in found["text"]
    assert "smaller than or equal" not in as_ana.post(url, sent).content.decode()
    page = as_ana.post(url, sent | {"rate": "0", "unfit": "on"}).content.decode()
    assert "Requests per minute: Ensure this value is greater than or equal to 1" in page
    assert "Download script" not in page


def test_the_other_inputs_take_a_url_for_all_requests(as_ana, ana):
    asset = an_asset(owner=ana)
    url, sent = "/models/faceswap-v5/batch/", {"id": ids([asset])}
    assert as_ana.post(url, sent, headers=JSON).json()["blanks"] == ["target_image"]
    target = "https://images.segmind.com/target.png"
    found = as_ana.post(url, sent | {"url-target_image": target}, headers=JSON).json()
    assert (found["input"], found["blanks"]) == ("source_image", [])
    assert json.dumps(target) in found["text"]
    assert "Enter a valid URL" in as_ana.post(url, sent | {"url-target_image": "x y"}).content.decode()


def test_more_than_a_script_may_have_is_refused_in_words(as_ana, ana, monkeypatch):
    monkeypatch.setattr(model_views, "MAX_FILES", 1)
    for number in range(2):
        an_asset(owner=ana, title=f"Harbour {number}")
    sent = {"all": "1", "q": "Harbour"}
    words = "More than 1 assets are selected"
    assert words in as_ana.post("/assets/bulk/", {"action": "model", **sent}).content.decode()
    assert words in as_ana.post(BATCH, sent).content.decode()
    assert "Nothing selected" in as_ana.post(BATCH, {"rate": "5"}).content.decode()
    assert as_ana.get(BATCH)["location"] == "/models/esrgan/request/"
