"""The pages of models, the panel on an asset's page, and the same for programs."""

from datetime import date

import pytest
from django.urls import reverse

from assets.catalogue.works_with import works_with
from assets.models import ModelInput, ModelLimit, SegmindModel
from assets.models.catalogue import LimitName, Origin
from tests.catalogue.models import SOURCE, a_model, an_input
from tests.conftest import client_of
from tests.support.factories import a_stored_file, an_administrator, an_asset

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def _empty_catalogue(db):
    SegmindModel.objects.all().delete()


@pytest.fixture
def film(ana):
    file = a_stored_file(media_type="video/mp4", size=62_000_000, width=1920, height=1080, duration=12.0)
    return an_asset(owner=ana, stored_file=file)


def test_the_list_finds_models_by_their_words_and_by_what_they_take(as_ana):
    an_input(a_model("seedance-2.0", "Seedance 2.0", output="video"), "reference_images", is_list=True)
    an_input(a_model("lip-1", "Lip Sync", retired_at="2026-11-03T10:00Z"), "audio_url", "audio")
    page = as_ana.get("/models/").content.decode()
    assert page.index("Lip Sync") < page.index("Seedance 2.0")
    assert "Retired" in page
    assert "reference_images" in page
    found = as_ana.get("/models/", {"q": "SEED 2.0"}).content.decode()
    assert "Seedance 2.0" in found
    assert "Lip Sync" not in found
    assert "Lip Sync" in as_ana.get("/models/", {"takes": "audio"}).content.decode()
    assert "No model is called “nothing”" in as_ana.get("/models/", {"q": "nothing"}).content.decode()


def test_hundreds_of_models_are_read_page_by_page(as_ana, django_assert_max_num_queries):
    SegmindModel.objects.bulk_create(SegmindModel(slug=f"m-{n}", title=f"Model {n:03}") for n in range(130))
    titles, address = [], "/models/"
    with django_assert_max_num_queries(30):
        while address:
            answer = as_ana.get(address, headers=JSON).json()
            titles += [model["title"] for model in answer["models"]]
            address = answer["next"] and f"/models/{answer['next']}"
    assert titles == [f"Model {n:03}" for n in range(130)]


def test_each_limit_is_told_with_its_source_and_what_is_not_stated_plainly(as_ana):
    model = a_model("seedance-2.0")
    one = an_input(model, "reference_videos", "video", is_list=True, limits={"max_bytes": 50_000_000, "min_seconds": 2})
    ModelLimit.objects.create(model=model, input=one, name=LimitName.MAX_COUNT, value="3", read_on=date(2026, 11, 3))
    ModelLimit.objects.create(model=model, name=LimitName.MAX_FILES, value="12", source_url="https://docs.example.org/")
    page = " ".join(as_ana.get("/models/seedance-2.0/").content.decode().split())
    for text in ("At most 50 MB", "At least 2 s", "At most 3", "by hand", "3 Nov 2026", "at most 12 files", SOURCE):
        assert text in page, text
    assert "Formats, sides, pixels, width / height" in page
    assert "Edit in admin" not in page
    assert "Edit in admin" in client_of(an_administrator()).get("/models/seedance-2.0/").content.decode()
    assert as_ana.get("/models/no-such-model/").status_code == 404


def test_a_model_is_told_to_programs_with_its_sources(as_ana):
    one = an_input(a_model("esrgan"), "image", limits={"max_bytes": 10, "media_types": "image/png image/jpeg"})
    model = as_ana.get("/models/esrgan/", headers=JSON).json()
    limits = {limit["name"]: limit["value"] for limit in model["inputs"][0]["limits"]}
    assert limits == {"max_bytes": 10, "media_types": ["image/png", "image/jpeg"]}
    assert model["inputs"][0]["source"] == {
        "url": one.source_url or None,
        "read_on": one.read_on.isoformat(),
        "origin": "shipped",
    }


def test_programs_read_models_page_by_page_and_what_an_asset_fits(program, film):
    for number in range(3):
        an_input(a_model(f"m-{number}", f"Model {number}"), "clip", "video", limits={"max_seconds": 11 + number})
    first = program.get("/models", {"limit": 2, "takes": "video", "q": "model"}).json()
    assert [one["slug"] for one in first["items"]] == ["m-0", "m-1"]
    second = program.get("/models", {"limit": 2, "cursor": first["next"]}).json()
    assert ([one["slug"] for one in second["items"]], second["next"]) == (["m-2"], None)
    assert program.get("/models/m-1").json() == first["items"][1]
    assert program.get("/models/nothing").status_code == 404
    assert program.get("/models", {"cursor": "nothing"}).status_code == 422
    fits = program.get(f"/assets/{film.pk}/fits").json()["items"]
    assert [(one["model"], one["outcome"]) for one in fits] == [("m-0", "does_not"), ("m-1", "fits"), ("m-2", "fits")]
    assert fits[0]["reasons"] == ["12 s; at most 11 s."]
    assert fits[0]["request"].startswith("http://")
    assert f"/models/m-0/request/?id={film.pk}&input=clip" in fits[0]["request"]


def test_an_asset_tells_what_it_works_with_the_best_used_first(as_ana, film):
    an_input(a_model("a-limited"), "clip", "video", limits={"max_bytes": 50_000_000, "max_seconds": 10})
    an_input(a_model("b-open"), "video_url", "video")
    an_input(a_model("c-used", use_count=2), "video", "video", limits={"max_seconds": 12})
    an_input(a_model("d-retired", retired_at="2026-11-03T10:00Z"), "video", "video")
    an_input(a_model("e-pictures"), "image")
    page = as_ana.get(film.get_absolute_url()).content.decode()
    panel = page[page.index("Works with") :]
    assert panel.index("c-used") < panel.index("b-open") < panel.index("Doesn’t fit 1 input") < panel.index("a-limited")
    assert "62 MB; this input takes 50 MB. 12 s; at most 10 s." in panel
    assert "For the others, no limits are stated." in panel
    assert f"/models/c-used/request/?id={film.pk}&amp;input=video" in panel
    assert "d-retired" not in panel
    assert "e-pictures" not in panel


def test_the_panel_costs_two_queries_however_many_models_there_are(film, django_assert_num_queries):
    for number in range(30):
        an_input(a_model(f"m-{number}"), "video", "video", limits={"max_bytes": 10**9})
    with django_assert_num_queries(2):
        assert len(works_with(film).models) == 30


def test_a_catalogue_of_many_models_does_not_make_the_page_of_an_asset_long(as_ana, film):
    for number in range(35):
        an_input(a_model(f"m-{number:02}"), "video", "video", limits={"max_bytes": 10**9})
        an_input(a_model(f"n-{number:02}"), "video", "video", limits={"max_bytes": 1})
    page = as_ana.get(film.get_absolute_url()).content.decode()
    assert (page.count(">m-"), page.count(">n-")) == (30, 30)
    assert 'href="/models/?takes=video"' in page
    assert "5 more" in page


def test_what_an_administrator_corrects_is_by_hand(ana):
    model = a_model("seedance-2.0", origin=Origin.SHIPPED)
    one = an_input(model, "reference_images", limits={"max_bytes": 30_000_000})
    limit = one.limits.get()
    client = client_of(an_administrator())
    address = reverse("admin:assets_segmindmodel_change", args=[model.pk])
    data = {
        **{name: getattr(model, name) for name in ("slug", "title", "source_url", "read_on")},
        "initial-read_on": model.read_on,
        **_form("inputs", [one], ("position", "name", "kind", "read_on")),
        **_form("limits", [limit], ("name", "value", "read_on"), value="31000000", input=one.pk),
        **_form("parameters", [], ()),
    }
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()
    limit.refresh_from_db()
    assert (limit.value, limit.origin) == ("31000000", "hand")
    assert SegmindModel.objects.get().origin == Origin.SHIPPED
    assert ModelInput.objects.get().origin == Origin.SHIPPED
    data |= {"limits-0-value": "lots"}
    assert "Write a positive number" in client.post(address, data).content.decode()


def _form(prefix: str, rows, names, **values) -> dict[str, object]:
    data: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": getattr(row, name) for name in ("pk", *names)}
        data |= {f"initial-{prefix}-{number}-read_on": row.read_on}
        data |= {f"{prefix}-{number}-id": row.pk, f"{prefix}-{number}-model": row.model_id}
        data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return data
