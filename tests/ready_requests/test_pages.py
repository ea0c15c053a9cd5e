"""From assets of the library to a request that needs only the key."""

import pytest
from django.utils import timezone

from assets.catalogue.fits import FileFacts
from assets.catalogue.specs import FileInput, ModelSpec
from assets.models import Asset, SegmindModel, Use
from assets.ready_requests.assign import assign, find_remarks, number_files
from tests.support.factories import a_stored_file, an_asset

ADDRESS = "/models/seedance-2.0/request/"
JSON = {"accept": "application/json"}


def a_sound(**fields) -> Asset:
    return an_asset(stored_file=a_stored_file(media_type="audio/mpeg", duration=12.0), **fields)


def query(assets, **more: str) -> str:
    return "&".join([*(f"id={asset.pk}" for asset in assets), *(f"{name}={value}" for name, value in more.items())])


class TestSixPicturesAndAVoice:
    @pytest.fixture
    def assets(self, ana):
        return [*(an_asset(owner=ana) for _ in range(6)), a_sound(owner=ana, title="Mira’s voice")]

    def test_they_are_in_their_fields_and_only_the_prompt_is_missing(self, as_ana, assets):
        found = as_ana.get(f"{ADDRESS}?{query(assets)}", headers=JSON).json()
        urls = [asset.stored_file.url for asset in assets]
        assert found["body"] == {
            "prompt": "REPLACE: prompt", "reference_images": urls[:6], "reference_audios": urls[6:]
        }  # fmt: skip
        assert found["blanks"] == ["prompt"]
        assert [each["number"] for each in found["assets"]][4:] == ["image 5", "image 6", "audio 1"]
        assert found["assets"][0]["outcome"] == "fits"
        assert [each["name"] for each in found["texts"]] == [
            "curl", "python", "segmind", "javascript", "body", "pixelflow", "n8n"
        ]  # fmt: skip
        assert all("$SEGMIND_API_KEY" in each["text"] for each in found["texts"] if each["name"] == "curl")

    def test_with_the_prompt_nothing_is_left_to_fill_in(self, as_ana, assets):
        sent = {"id": [asset.pk for asset in assets], "p-prompt": "Mira's\r\n<dance>", "p-duration": "8"}
        found = as_ana.post(ADDRESS, sent, headers=JSON).json()
        assert found["blanks"] == []
        assert (found["body"]["prompt"], found["body"]["duration"]) == ("Mira's\n<dance>", 8)
        page = as_ana.post(ADDRESS, sent).content.decode()
        assert "Ready to copy" in page
        assert "Still to fill in" not in page
        part = as_ana.post(ADDRESS, sent, headers={"hx-request": "true"}).content.decode()
        assert "<html" not in part

    def test_they_can_be_put_in_another_order_and_into_other_inputs(self, as_ana, assets):
        first, second, *_ = assets
        sent = {"id": [first.pk, second.pk], "input": ["reference_images"] * 2, "move": "1:up"}
        found = as_ana.post(ADDRESS, sent, headers=JSON).json()
        assert found["body"]["reference_images"] == [second.stored_file.url, first.stored_file.url]
        sent = {"id": [first.pk, second.pk], "input": ["last_frame_url", "-"], "version": "v1"}
        found = as_ana.post(ADDRESS, sent, headers=JSON).json()
        assert found["body"] == {"prompt": "REPLACE: prompt", "last_frame_url": first.stored_file.url}
        assert found["assets"][1]["input"] is None
        assert "https://api.segmind.com/v1/seedance-2.0" in found["texts"][0]["text"]

    def test_a_copy_counts_as_a_use(self, as_ana, ana, assets):
        assert as_ana.post(f"{ADDRESS}copied/", {"id": [asset.pk for asset in assets]}).status_code == 204
        assert SegmindModel.objects.get(slug="seedance-2.0").use_count == 1
        assert Use.objects.filter(user=ana).count() == 7
        assert as_ana.get(f"{ADDRESS}?{query(assets)}").status_code == 200
        assert SegmindModel.objects.get(slug="seedance-2.0").use_count == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [({"state": "queued"}, "has no URL yet"), ({"trashed_at": timezone.now()}, "is in the trash")],
    )
    def test_an_asset_that_cannot_be_sent_is_named(self, as_ana, ana, fields, words):
        asset = an_asset(owner=ana, title="Harbour", **fields)
        page = as_ana.get(f"{ADDRESS}?id={asset.pk}").content.decode()
        assert f"“Harbour” {words}" in page
        assert "Not ready" in page
        assert "api.segmind.com" not in page
        answer = as_ana.get(f"{ADDRESS}?id={asset.pk}", headers=JSON)
        assert answer.status_code == 409
        assert words in answer.json()["error"]["message"]
        assert as_ana.get(f"{ADDRESS}?id={asset.pk}&input=-", headers=JSON).status_code == 200

    def test_what_others_keep_private_is_not_there(self, as_ben, ana):
        asset = an_asset(owner=ana, visibility="private", title="Secret")
        answer = as_ben.get(f"{ADDRESS}?id={asset.pk}")
        assert answer.status_code == 404
        assert "does not exist, or you cannot see it" in answer.content.decode()
        assert as_ben.post(f"{ADDRESS}copied/", {"id": [asset.pk]}).status_code == 404

    def test_what_makes_no_sense_is_answered_in_words(self, as_ana, ana):
        assert "no such model" in as_ana.get("/models/none/request/").content.decode()
        assert "invalid id" in as_ana.get(f"{ADDRESS}?id=x").content.decode()
        many = [an_asset(owner=ana) for _ in range(51)]
        assert "can have 50 assets" in as_ana.get(f"{ADDRESS}?{query(many)}").content.decode()
        page = as_ana.post(ADDRESS, {"p-duration": "7", "p-prompt": "x"}).content.decode()
        assert "7 is not one of the available choices" in page


def test_an_email_address_in_a_url_is_warned_of(as_ana, ana):
    asset = an_asset(owner=ana, stored_file=a_stored_file(url="https://images.segmind.com/assets/a@b.example/1.png"))
    page = as_ana.get(f"{ADDRESS}?id={asset.pk}").content.decode()
    assert "contains an e-mail address" in page
    assert 'name="email-notice"' in page


def test_a_hostile_title_stays_text(as_ana, ana):
    asset = an_asset(owner=ana, title='"><script>alert(1)</script>')
    page = as_ana.get(f"{ADDRESS}?id={asset.pk}").content.decode()
    assert "<script>alert" not in page


SPEC = ModelSpec(
    slug="a",
    title="A",
    max_files=3,
    inputs=(
        FileInput(name="start_frame", kind="image", required=True),
        FileInput(name="end_frame", kind="image"),
        FileInput(name="reference_images", kind="image", is_list=True, max_count=2),
        FileInput(name="voice", kind="audio"),
    ),
)


@pytest.mark.parametrize(
    ("kinds", "asked", "expected"),
    [
        (["image"], [""], ["start_frame"]),
        (["image"] * 2, [""] * 2, ["start_frame", "end_frame"]),
        (["image"] * 3, [""] * 3, ["start_frame", "reference_images", "reference_images"]),
        (["image"] * 2, ["end_frame", ""], ["end_frame", "start_frame"]),
        (["image"] * 2, ["-", ""], ["", "start_frame"]),
        (["audio", "image", "audio"], [""] * 3, ["voice", "start_frame", ""]),
        (["video"], [""], [""]),
    ],
)
def test_files_go_where_they_are_most_likely_meant_to(kinds, asked, expected):
    files = [FileFacts(kind=kind, media_type=f"{kind}/x", size=1) for kind in kinds]
    assert assign(SPEC, files, asked) == expected


def test_what_speaks_against_the_files_together_is_said():
    inputs = ["start_frame", "start_frame", *["reference_images"] * 3]
    assert find_remarks(SPEC, inputs) == [
        "2 files for start_frame, which takes one: only the first is sent.",
        "3 images; A takes 2.",
        "5 files; A takes 3 in all.",
        "Sources disagree on whether first and last frames go together with references.",
    ]
    assert find_remarks(SPEC, ["start_frame", "", "voice"]) == []


def test_files_are_numbered_as_the_body_has_them():
    numbers = number_files(SPEC, ["image", "audio", "image", "image"], ["reference_images", "voice", "", "start_frame"])
    assert numbers == ["image 2", "audio 1", "", "image 1"]


@pytest.mark.parametrize("text", ["[" * 5000, "[" * 30 + "]" * 30, "NaN", "9" * 5000, "{"])
def test_json_that_cannot_be_written_is_refused(as_ana, text):
    page = as_ana.post("/models/kling-3-standard-image2video/request/", {"p-elements": text})
    assert page.status_code == 200
    assert "Enter a valid JSON" in page.content.decode()
