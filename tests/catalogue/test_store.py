"""What the catalogue knows: from the file that ships with the library, and corrected by hand."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from assets.catalogue import curated
from assets.catalogue.store import find_model, list_models, record_use
from assets.models import ModelInput, ModelLimit, ModelParameter, SegmindModel
from assets.models.catalogue import LimitName, Origin
from assets.models.states import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped():
    curated.load()
    return SegmindModel.objects.filter(origin=Origin.SHIPPED)


def test_every_shipped_fact_names_a_public_source_and_a_date(shipped):
    assert shipped.count() >= 12
    for rows in (SegmindModel, ModelInput, ModelParameter, ModelLimit):
        for row in rows.objects.filter(origin=Origin.SHIPPED):
            assert row.source_url.startswith("https://"), row
            assert date(2026, 1, 1) < row.read_on < date(2027, 1, 1), row
            row.full_clean()


def test_a_model_is_read_as_its_source_states_it(shipped):
    spec = find_model("seedance-2.0")
    images, videos, audios = (
        next(one for one in spec.inputs if one.name == f"reference_{kind}s") for kind in ("image", "video", "audio")
    )
    assert (images.max_count, images.limits.max_bytes) == (9, 30_000_000)
    assert (videos.is_list, videos.limits.min_seconds, videos.limits.max_seconds) == (True, 2, 15)
    assert (audios.kind, audios.limits.max_bytes) == ("audio", 15_000_000)
    assert spec.max_files == 12
    assert find_model("no-such-model") is None


def test_all_models_take_few_queries_and_the_best_used_come_first(shipped, django_assert_num_queries):
    record_use("seedance-2.0")
    with django_assert_num_queries(5):
        models = list_models()
    assert models[0].slug == "seedance-2.0"
    assert len(models) == SegmindModel.objects.count()


def test_what_was_corrected_by_hand_outlasts_the_file(shipped):
    limit = ModelLimit.objects.filter(model__slug="seedance-2.0", name=LimitName.MAX_BYTES).first()
    limit.origin, limit.value = Origin.HAND, ""
    limit.save()
    ModelLimit.objects.filter(model__slug="seedance-2.0", input=None).delete()
    curated.load()
    inputs = {one.name: one for one in find_model("seedance-2.0").inputs}
    assert inputs[limit.input.name].limits.max_bytes is None
    assert find_model("seedance-2.0").max_files == 12


def test_what_left_the_file_goes_unless_it_was_corrected_by_hand(shipped):
    model = SegmindModel.objects.get(slug="seedance-2.0")
    source = {"origin": Origin.SHIPPED, "source_url": "https://example.org/", "read_on": date(2026, 1, 2)}
    for name in ("gone", "kept"):
        ModelInput.objects.create(model=model, name=name, kind=Kind.IMAGE, **source)
    kept = model.inputs.get(name="kept")
    ModelLimit.objects.create(model=model, input=kept, name=LimitName.MAX_COUNT, value="2")
    curated.load()
    assert not model.inputs.filter(name="gone").exists()
    assert model.inputs.filter(name="kept").exists()


@pytest.mark.parametrize(("name", "value"), [("max_bytes", "many"), ("max_bytes", "-1"), ("media_types", "png")])
def test_a_limit_that_is_none_is_refused(shipped, name, value):
    model = SegmindModel.objects.get(slug="seedance-2.0")
    with pytest.raises(ValidationError):
        ModelLimit(model=model, input=model.inputs.first(), name=name, value=value).clean()
