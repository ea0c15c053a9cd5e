"""`fits:` finds exactly the assets that are judged to fit, one by one."""

import itertools

import pytest
from django.utils import timezone

from assets.catalogue.fits import judge
from assets.catalogue.specs import Limits
from assets.catalogue.store import find_model
from assets.catalogue.works_with import facts_of
from assets.models import Asset, SegmindModel, State, StoredFile
from assets.search import model_names
from assets.search.results import Listing
from tests.catalogue.models import a_model, an_input

pytestmark = pytest.mark.django_db

LIMITS = {
    "bytes": {"max_bytes": 5000},
    "seconds": {"min_seconds": 2, "max_seconds": 15},
    "sides": {"min_side": 300, "max_side": 1920},
    "pixels": {"max_pixels": 1920 * 1080},
    "wide": {"min_ratio": 16 / 9},
    "tall": {"max_ratio": 0.4},
    "formats": {"media_types": "image/png video/mp4"},
    "all": {"max_bytes": 5000, "min_side": 300, "max_ratio": 2.5, "media_types": "image/png image/jpeg video/mp4"},
    "none": {},
}
SIZES = (4999, 5000, 5001)
SHAPES = (
    (None, None),
    (300, 300),
    (299, 800),
    (1920, 1080),
    (1921, 1080),
    (120, 300),
    (121, 300),
    (0, 0),
    (70_000, 70_000),
)
LENGTHS = (None, 1.9, 2.0, 15.0, 15.0000004, 15.1)
MEDIA_TYPES = ("image/png", "image/jpeg", "video/mp4", "video/webm", "audio/mpeg", "application/pdf")


@pytest.fixture(autouse=True)
def _empty_catalogue(db):
    SegmindModel.objects.all().delete()


@pytest.fixture
def library(ana) -> list[Asset]:
    facts = list(itertools.product(MEDIA_TYPES, SIZES, SHAPES, LENGTHS))
    files = StoredFile.objects.bulk_create(
        StoredFile(
            sha256=f"{number:064x}", media_type=media_type, size=size, width=width, height=height, duration=length,
            state=State.STORED, stored_at=timezone.now(), url=f"https://images.segmind.com/assets/{number}",
        )
        for number, (media_type, size, (width, height), length) in enumerate(facts)
    )  # fmt: skip
    return Asset.objects.bulk_create(
        Asset(owner=ana, stored_file=file, title="a", file_name="a", kind=file.kind, size=file.size) for file in files
    )


def found(text: str, person) -> set[Asset]:
    return set(Listing.from_parameters({"q": text}, person).assets())


@pytest.mark.parametrize(("kind", "few"), [("image", 5000), ("video", 5000), ("video", 5), ("audio", 5)])
def test_a_search_and_a_judgement_agree_on_every_asset(library, ana, monkeypatch, kind, few):
    monkeypatch.setattr(model_names, "MAX_FEW", few)
    model = a_model("Judge-1.0")
    for name, limits in LIMITS.items():
        an_input(model, name, kind, limits=limits)
    spec = find_model("Judge-1.0")
    for one in spec.inputs:
        fitting = {asset for asset in library if judge(one, facts_of(asset)).outcome == "fits"}
        if one.limits == Limits():
            fitting = {asset for asset in library if asset.kind == kind}
        assert found(f"fits:judge-1.0/{one.name}", ana) == fitting, one.name
        assert len(fitting) < len(library)
    everything = {asset for asset in library if asset.kind == kind}
    assert found("fits:judge-1.0", ana) == everything
    assert found("-fits:judge-1.0", ana) == set(library) - everything


def test_one_of_several_inputs_is_enough(library, ana):
    model = a_model("two")
    an_input(model, "picture", "image", limits={"max_bytes": 5000})
    an_input(model, "sound", "audio", limits={"max_seconds": 2})
    either = found("fits:two/picture", ana) | found("fits:two/sound", ana)
    assert found("fits:two", ana) == found("fits:two/picture,two/sound", ana) == either
    assert found("fits:two type:audio", ana) == found("fits:two/sound", ana)


def test_what_is_not_in_the_catalogue_is_remarked_on_with_what_may_be_meant(as_ana, ana):
    an_input(a_model("seedance-2.0"), "reference_images")
    a_model("text-only")
    for text, remark in {
        "fits:seedance-2": "No model is called “seedance-2”. Did you mean seedance-2.0?",
        "fits:seedance-2.0/reference_image": "“seedance-2.0” has no input “reference_image”. "
        "Did you mean seedance-2.0/reference_images?",
        "fits:xyz": "No model is called “xyz”. See Models for those that there are.",
    }.items():
        listing = Listing.from_parameters({"q": f"dawn {text}"}, ana)
        assert [(problem.text, problem.reason) for problem in listing.query.problems] == [(text, remark)]
        assert [term.name for term in listing.query.terms] == ["text"]
        assert remark in as_ana.get("/", {"q": text}).content.decode()
    assert found("fits:text-only", ana) == set()
    assert Listing.from_parameters({"q": "fits:SEEDANCE-2.0"}, ana).query.problems == ()


def test_models_are_offered_in_the_menu_and_while_typing(as_ana):
    an_input(a_model("quiet"), "image")
    an_input(a_model("loud", "Very loud", use_count=3), "sound", "audio")
    a_model("text-only")
    menu = as_ana.get("/", {"part": "filter", "filter": "fits", "find": ""}).content.decode()
    assert menu.index("Very loud") < menu.index("quiet")
    assert "text-only" not in menu
    typed = as_ana.get("/", {"part": "suggestions", "typed": "fits:loud"}).content.decode()
    assert "fits:loud/sound" in typed
    assert "quiet" not in typed
