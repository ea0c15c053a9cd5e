"""Segmind's lists of models, with every surprise: what was good stays as it was."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assets.catalogue import curated, sync
from assets.catalogue.listed import read_directory, read_models
from assets.catalogue.store import find_model
from assets.models import ModelInput, ModelLimit, ModelParameter, ModelSync, SegmindModel
from assets.models.catalogue import Origin
from tests.catalogue.models import a_model, an_input
from tests.support.replies import drips, raw
from tests.support.segmind_server import DIRECTORY_PATH, MODELS_PATH

pytestmark = pytest.mark.django_db
NAME = "Inference Segmind Model Information List With Details"
SCHEMA = {
    "required": ["image_url", "prompt"],
    "properties": {
        "image_url": {"type": "string", "format": "uri"},
        "reference_images": {"type": "array", "items": {"type": "string", "format": "uri"}, "maxItems": 4},
        "audio_url": {"type": "string", "format": "uri"},
        "webhook_url": {"type": "string", "format": "uri"},
        "prompt": {"type": "string", "default": "a cat"},
        "steps": {"type": "integer", "default": 20, "enum": [10, 20]},
    },
}


def row(slug: str, **fields):
    return {"slug": slug, "title": slug.title(), "type": "imageToVideo", "is_depreciated": False, **fields}


def directory(*slugs: str) -> bytes:
    rows = [
        f"| {slug.title()} | {slug} | Makes things. | Image-to-Video Generation | $0.1 | 2s | [x](y) |"
        for slug in slugs
    ]
    head = [
        "# Models",
        "",
        "| Model | Slug | Description | Modality | Avg Cost | Avg Latency | API Docs |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]).encode()


@pytest.fixture
def publish(segmind):
    """Let Segmind list these models from now on."""

    def publish(rows, people=None, *, document=None):
        body = json.dumps(document if document is not None else {NAME: rows}).encode()
        slugs = people if people is not None else [one["slug"] for one in rows]
        segmind.lists = {MODELS_PATH: raw(200, body), DIRECTORY_PATH: raw(200, directory(*slugs))}
        return sync.sync(timezone.now())

    SegmindModel.objects.all().delete()
    return publish


def twenty() -> list[dict[str, object]]:
    return [row(f"model-{number}") for number in range(20)]


def everything() -> list[list[tuple[object, ...]]]:
    return [
        list(rows.objects.order_by("pk").values_list())
        for rows in (SegmindModel, ModelInput, ModelParameter, ModelLimit)
    ]


def test_models_come_with_their_inputs_and_fields_and_where_they_were_read(publish, segmind):
    report = publish([*twenty(), row("new-one", description="Moves\x00 a\npicture.", parameters=SCHEMA)])
    assert (report.listed, report.added, report.retired, report.remarks) == (21, 21, 0, [])
    spec = find_model("new-one")
    assert (spec.title, spec.output) == ("New-One", "video")
    assert [(one.name, one.kind, one.is_list, one.required, one.max_count) for one in spec.inputs] == [
        ("image_url", "image", False, True, None),
        ("reference_images", "image", True, False, 4),
        ("audio_url", "audio", False, False, None),
    ]
    others = {one.name: one for one in spec.parameters}
    assert set(others) == {"webhook_url", "prompt", "steps"}
    assert (others["prompt"].required, others["prompt"].default) == (True, "a cat")
    assert (others["steps"].type, others["steps"].choices) == ("integer", (10, 20))
    stored = SegmindModel.objects.get(slug="new-one")
    assert stored.description == "Moves a picture."
    assert (stored.origin, stored.source_url) == (Origin.SEGMIND, segmind.address + MODELS_PATH)


@pytest.mark.parametrize(
    "parameters",
    [
        [{"name": "image_url", "type": "string", "format": "uri"}, {"name": "steps", "type": "integer"}],
        {"metadata": [{"name": "image_url", "format": "uri"}, {"name": "steps", "type": "integer"}]},
        {"image_url": "https://example.com/a.png", "steps": 20},
    ],
)
def test_fields_are_understood_in_other_forms(parameters):
    model = read_models([row("m", parameters=parameters)]).models["m"]
    assert [one.name for one in model.inputs] == ["image_url"]
    assert [(one.name, one.type) for one in model.parameters] == [("steps", "integer")]


def test_surprises_are_left_out_and_the_rest_is_read():
    strange = [
        None, 7, "model", [], {}, {"slug": None}, {"slug": "../etc"}, {"slug": "a" * 101}, {"slug": "<b>"},
        {"title": "x"},
    ]  # fmt: skip
    odd = row(
        "odd", title={"en": "x"}, type=7, description=["y"], is_depreciated="no", parameters="none", extra={"deep": [1]}
    )
    long = row("long", title="t" * 9000, description="d" * 9000, parameters={
        "properties": {
            **{f"f{n}": {"type": "string"} for n in range(500)},
            "bad name": {"type": "string"}, "nothing": None, "many": {"type": "string", "enum": list(range(900))},
        },
        "required": "prompt",
    })  # fmt: skip
    reading = read_models({"count": 3, "others": ["a"], "models": [*strange, odd, long, row("odd", title="twice")]})
    assert reading.unread == len(strange)
    assert (reading.models["odd"].title, reading.models["odd"].output, reading.models["odd"].parameters) == (
        "odd",
        "",
        (),
    )
    assert len(reading.models["long"].title) <= 200
    assert len(reading.models["long"].description) <= 1000
    assert len(reading.models["long"].parameters) <= 60
    assert read_directory(directory("a-b", "c").decode()).models["c"].output == "video"
    for nothing in ({}, [], None, "x", {"models": {}}, {"models": [1, 2]}):
        with pytest.raises(ValueError, match="no list"):
            read_models(nothing)
    with pytest.raises(ValueError, match="no table"):
        read_directory("# Soon\n<html>")


@pytest.mark.parametrize(
    "reply",
    [
        raw(500, b"trouble"),
        raw(404, b""),
        raw(301, b"", location="/elsewhere"),
        raw(200, b"<html>"),
        raw(200, b'{"models": [{"slug": "cut'),
        raw(200, b"[" * 100_000),
        raw(200, b'{"models": "' + b"x" * 4_000_001 + b'"}'),
        lambda handler, received: handler.reset(),
    ],
    ids=["error", "missing", "moved", "page", "cut", "deep", "huge", "reset"],
)
def test_a_list_that_is_away_or_broken_changes_nothing(publish, segmind, reply):
    publish([*twenty(), row("m", parameters=SCHEMA)])
    before = everything()
    segmind.lists = {MODELS_PATH: reply, DIRECTORY_PATH: reply}
    with pytest.raises(CommandError, match="The catalogue is as it was"):
        call_command("sync_models")
    assert everything() == before
    assert "could not be read" in ModelSync.load().remarks


def test_a_list_that_comes_for_ever_is_given_up(publish, segmind, settings):
    settings.SEGMIND_READ_TIMEOUT = 1
    segmind.lists = {MODELS_PATH: drips, DIRECTORY_PATH: raw(200, directory("only-here"))}
    report = sync.sync(timezone.now())
    assert (report.listed, report.is_complete) == (1, False)


def test_a_model_that_is_gone_is_marked_and_comes_back(publish):
    publish(twenty())
    assert publish(twenty()[1:]).retired == 1
    assert SegmindModel.objects.get(slug="model-0").is_retired
    assert publish([row("model-0", is_depreciated=True), *twenty()[1:]], ["model-1"]).retired == 0
    publish(twenty())
    assert not SegmindModel.objects.get(slug="model-0").is_retired


def test_what_segmind_itself_calls_retired_is(publish):
    publish(twenty())
    rows = [row("model-0", is_depreciated=True), row("never-known", is_depreciated=True), *twenty()[1:]]
    assert publish(rows).retired == 1
    assert not SegmindModel.objects.filter(slug="never-known").exists()


@pytest.mark.parametrize(("listed", "reason"), [(15, "a fifth is missing"), (9, "fewer than ten")])
def test_a_short_list_retires_nothing(publish, listed, reason):
    publish(twenty())
    report = publish(twenty()[:listed])
    assert (report.retired, SegmindModel.objects.current().count()) == (0, 20), reason
    assert "None was retired" in report.remarks[0]


def test_a_list_retires_nothing_while_the_other_is_away(publish, segmind):
    publish(twenty())
    segmind.lists = {MODELS_PATH: raw(200, json.dumps(twenty()[1:]).encode()), DIRECTORY_PATH: raw(503, b"")}
    assert sync.sync(timezone.now()).retired == 0


def test_what_is_by_hand_or_shipped_is_believed_before_the_list(publish):
    curated.load()
    shipped = find_model("esrgan")
    hand = a_model("by-hand", "Ours", output="audio")
    an_input(hand, "image", limits={"max_bytes": 5}, origin=Origin.HAND)
    rows = [*twenty(), row("esrgan", title="Other", parameters={"image": "a", "scale": "big", "new_field": 1})]
    publish([*rows, row("by-hand", title="Theirs", parameters={"properties": {"image": {"type": "string"}}})])
    spec = find_model("esrgan")
    assert (spec.title, spec.output, spec.inputs) == (shipped.title, shipped.output, shipped.inputs)
    assert [one for one in spec.parameters if one.name != "new_field"] == list(shipped.parameters)
    assert "new_field" in {one.name for one in spec.parameters}
    assert find_model("by-hand").title == "Ours"
    assert find_model("by-hand").inputs[0].limits.max_bytes == 5
    assert find_model("by-hand").parameters == ()
    publish(twenty(), [one["slug"] for one in twenty()])
    assert not SegmindModel.objects.get(slug="by-hand").is_retired


def test_the_date_says_when_a_fact_was_read_last_and_what_left_the_list_goes(publish):
    publish([*twenty(), row("m", parameters=SCHEMA)])
    for rows in (SegmindModel, ModelInput, ModelParameter):
        rows.objects.update(read_on=date(2026, 1, 2))
    fewer = {"properties": {"image_url": SCHEMA["properties"]["image_url"]}}
    publish([*twenty(), row("m", parameters=fewer)])
    assert [one.name for one in find_model("m").inputs] == ["image_url"]
    assert find_model("m").parameters == ()
    today = timezone.localdate()
    assert {
        *SegmindModel.objects.values_list("read_on", flat=True),
        *ModelInput.objects.values_list("read_on", flat=True),
    } == {today}


def test_the_worker_reads_the_lists_once_a_day_if_that_is_switched_on(publish, segmind, settings, work):
    segmind.lists = {
        MODELS_PATH: raw(200, json.dumps(twenty()).encode()),
        DIRECTORY_PATH: raw(200, directory("model-1")),
    }
    now = timezone.now()
    sync.plan(now)
    work()
    assert SegmindModel.objects.count() == 0
    settings.SYNC_MODELS = True
    for minutes in (0, 1, 60 * 23):
        sync.plan(now + timedelta(minutes=minutes))
    work()
    assert SegmindModel.objects.count() == 20
    assert ModelSync.load().listed == 20
    SegmindModel.objects.all().delete()
    sync.plan(now + timedelta(hours=25))
    work()
    assert SegmindModel.objects.count() == 20
