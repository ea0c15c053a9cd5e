"""What an asset was made by and used for, on its page and in searches."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assets.generations.match import match_kept_output
from assets.models import GenerationHistory, Role, RunInput
from assets.models.generations import OutputState, count_runs
from tests.conftest import client_of
from tests.generations.test_pages import PROMPT, a_run, page
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def uses(run, *assets) -> None:
    for asset in assets:
        RunInput.objects.create(run=run, url=asset.stored_file.url, stored_file=asset.stored_file, field="image")
    count_runs([asset.stored_file_id for asset in assets])


def makes(run, asset) -> None:
    for output in run.outputs.all():
        output.state, output.stored_file = OutputState.KEPT, asset.stored_file
        output.save()
        match_kept_output(output)


@pytest.fixture
def chain(ana):
    """A sketch, a picture of it, a film of that, and another film that is not kept."""
    sketch, picture, film = (an_asset(owner=ana, title=title) for title in ("Sketch", "Picture", "Film"))
    runs = [a_run(person=ana, model=model) for model in ("nano-banana", "seedance", "kling")]
    uses(runs[0], sketch)
    makes(runs[0], picture)
    uses(runs[1], picture)
    makes(runs[1], film)
    uses(runs[2], film, picture)
    return sketch, picture, film


def test_an_asset_shows_its_runs_their_cost_and_its_descendants(ana, chain):
    sketch, picture, _ = chain
    assert f'hx-get="/assets/{sketch.pk}/runs/"' in page(ana, sketch.get_absolute_url())
    seen = page(ana, f"/assets/{sketch.pk}/runs/")
    assert "Used in 1 run, $0.12" in " ".join(seen.split())
    places = [seen.index(f"{name}</a>") for name in ("nano-banana", "Picture", "seedance", "Film")]
    assert places == sorted(places)
    assert seen.count("kling</a>") == 1
    other = page(ana, f"/assets/{picture.pk}/runs/")
    assert "Used in 2 runs, $0.24" in " ".join(other.split())
    assert other.index("Made by") < other.index("nano-banana</a>") < other.index("Sketch</a>")


def test_a_run_counts_once_for_a_file_that_it_was_given_by_two_urls(ana):
    asset, run = an_asset(owner=ana), a_run(person=ana, model="kling")
    RunInput.objects.create(run=run, url="https://images.segmind.com/earlier.png", stored_file=asset.stored_file)
    uses(run, asset)
    seen = page(ana, f"/assets/{asset.pk}/runs/")
    assert "Used in 1 run, $0.12" in " ".join(seen.split())
    assert seen.count("kling</a>") == 1


def test_an_asset_without_runs_says_nothing_of_them(ana):
    asset = an_asset(owner=ana)
    assert "/runs/" not in page(ana, asset.get_absolute_url())
    assert "No run is known" in page(ana, f"/assets/{asset.pk}/runs/")


def test_prompts_and_private_assets_do_not_show_in_the_graph(ana, ben, chain):
    sketch, picture, film = chain
    for asset in (sketch, film):
        type(asset).objects.filter(pk=asset.pk).update(visibility="private")
    seen = page(ben, f"/assets/{picture.pk}/runs/")
    assert PROMPT not in seen
    assert "Sketch" not in seen
    assert "Film</a>" not in seen
    assert "1 file not in the library, or not visible to you" in " ".join(seen.split())
    assert PROMPT in page(ana, f"/assets/{picture.pk}/runs/")
    assert client_of(ben).get(f"/assets/{sketch.pk}/runs/").status_code == 404


def test_a_circle_of_runs_ends_and_a_crowd_is_capped(ana, chain, django_assert_max_num_queries):
    sketch, *_ = chain
    uses(a_run(model="again"), sketch)
    for _ in range(120):
        uses(a_run(model="crowd", ago=timedelta(days=3)), sketch)
    client = client_of(a_user("max", role=Role.MANAGER))
    with django_assert_max_num_queries(24):
        seen = client.get(f"/assets/{sketch.pk}/runs/").content.decode()
    assert "Used in 122 runs" in " ".join(seen.split())
    assert "22 earlier runs not shown" in " ".join(seen.split())


def test_searches_find_what_is_used(ana, chain):
    sketch, picture, film = chain
    unused = an_asset(owner=ana, title="Unused")

    def found(text: str) -> set[str]:
        answer = client_of(ana).get("/", {"q": text}, headers=JSON).json()
        return {asset["title"] for asset in answer["assets"]}

    assert found("used:>1") == {picture.title}
    assert found("used:1") == {sketch.title, film.title}
    assert found("used:0") == found("is:unused") == {unused.title}
    assert found("used:<=1") == {sketch.title, film.title, unused.title}
    assert "Used in runs" in page(ana, "/?q=used:%3E5")
    assert "Used in runs" not in page(ana, "/")


def test_a_search_for_what_expires_leads_to_the_outputs(ana):
    client = client_of(ana)
    assert "Assets don’t expire" in client.get("/?q=is:expiring").content.decode()
    GenerationHistory.objects.create(is_on=True, last_read_at=timezone.now())
    assert client.get("/?q=is:expiring").url == "/outputs/"
    assert client.get("/?q=is:expiring", headers={"hx-request": "true"})["hx-redirect"] == "/outputs/"
