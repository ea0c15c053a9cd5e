"""Suggestions while somebody types the name of a tag or collection."""

import pytest
from django.utils import timezone

from assets.models import Collection, Visibility
from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _labelled(ana, ben):
    an_asset(owner=ben, tags=("hush",), visibility=Visibility.PRIVATE)
    an_asset(owner=ben, tags=("hush",), trashed_at=timezone.now())
    an_asset(owner=ana, tags=("Café", "sea", "seaside", "north sea", "Overseas")).set_labels(collections=["Trips/2024"])
    an_asset(owner=ben, tags=("season",))


def suggest(client, text: str, noun: str = "tags") -> list[str]:
    return client.get(f"/{noun}/complete/", {"q": text}).json()["names"]


def test_names_that_begin_with_the_text_come_first(as_ana):
    assert suggest(as_ana, "SEA") == ["sea", "seaside", "season", "north sea", "Overseas"]


def test_case_and_accents_do_not_matter(as_ana):
    assert suggest(as_ana, "cafe") == suggest(as_ana, "CAFÉ") == ["Café"]


def test_collections_are_suggested_by_path(as_ana):
    assert suggest(as_ana, "trips", "collections") == ["Trips/2024"]
    assert suggest(as_ana, "2024", "collections") == ["Trips/2024"]


def test_names_of_private_assets_are_hidden_from_others(as_ana, as_ben):
    assert suggest(as_ana, "hus") == suggest(as_ana, "us") == []
    assert suggest(as_ben, "hus") == ["hush"]


def test_what_the_person_used_last_comes_first(as_ana, as_ben, ana):
    asset = an_asset(owner=ana)
    for action, names in (("collect", ["Zoo", "Zebras", "Zoo"]), ("tag", ["season"])):
        for name in names:
            sent = {"action": action, "id": asset.pk, "tags": name, "collection": name, "confirmed": "1"}
            as_ana.post("/assets/bulk/", sent)
    assert suggest(as_ana, "", "collections") == ["Zoo", "Zebras", "Trips/2024"]
    assert suggest(as_ana, "tr", "collections") == ["Trips/2024"]
    assert suggest(as_ana, "sea")[:2] == ["season", "sea"]
    assert suggest(as_ben, "", "collections") == ["Trips/2024", "Zebras", "Zoo"]
    Collection.objects.filter(name="Zoo").delete()
    assert suggest(as_ana, "", "collections") == ["Zebras", "Trips/2024"]


def test_only_a_few_names_are_suggested(as_ana, ana):
    an_asset(owner=ana, tags=tuple(f"many {number}" for number in range(40)))
    assert len(suggest(as_ana, "many")) == len(suggest(as_ana, "")) == 12


def test_a_dialog_gets_options_of_a_datalist(as_ana):
    answer = as_ana.get("/tags/complete/?q=cafe", headers={"hx-request": "true"}).content.decode()
    assert '<option value="Café">' in answer


def test_pages_with_forms_look_up_no_labels(as_ana, ana, django_assert_max_num_queries):
    for number in range(20):
        Collection.objects.get_or_create_all([f"c{number}"])
    with django_assert_max_num_queries(5):
        as_ana.get("/upload/")
