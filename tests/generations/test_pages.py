"""The pages of outputs and runs: who sees what, and what their buttons do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assets.models import Asset, GenerationHistory, GenerationOutput, GenerationRun, Role, RunInput
from assets.models.generations import LIFETIME, OutputState
from tests.conftest import client_of
from tests.support.factories import a_stored_file, a_user, an_administrator, an_asset
from tests.support.segmind_server import KEY

pytestmark = pytest.mark.django_db
PROMPT = "a secret boat at dawn"


def a_run(*, ago: timedelta = timedelta(hours=1), outputs: int = 1, model: str = "seedance-2.0", **fields):
    number = GenerationRun.objects.count()
    facts = {"request_id": f"r{number}", "model": model, "cost": "0.12", "prompt": PROMPT, "parameters": {"seed": 7}}
    run = GenerationRun.objects.create(made_at=timezone.now() - ago, **(facts | fields))
    for part in range(outputs):
        url = f"https://images.segmind.com/outputs/{number}-{part}.png"
        GenerationOutput.objects.create(run=run, url=url, expires_at=run.made_at + LIFETIME)
    return run


@pytest.fixture
def root(db):
    return an_administrator()


@pytest.fixture
def switched_on(db):
    return GenerationHistory.objects.create(is_on=True)


def page(person, address: str) -> str:
    response = client_of(person).get(address)
    assert response.status_code == 200, response
    return response.content.decode()


def test_while_it_is_off_only_administrators_are_told_of_it(ana, root):
    assert client_of(ana).get("/outputs/").status_code == 404
    assert "Outputs" not in page(ana, "/")
    response = client_of(root).get("/outputs/", follow=True)
    assert "Read the history every hour" in response.content.decode()


def test_an_administrator_switches_it_on_and_chooses_what_is_kept(root, ana):
    a_run()
    data = {"is_on": "on", "rule": "models", "kept_models": ["seedance-2.0"]}
    client_of(root).post("/outputs/settings/", data)
    history = GenerationHistory.objects.get()
    assert (history.is_on, history.rule, history.kept_models, history.owner) == (True, "models", ["seedance-2.0"], root)
    assert history.lease
    assert 'href="/outputs/"' in page(ana, "/")
    client_of(root).post("/outputs/keep-model/", {"model": "unheard-of"})
    assert GenerationHistory.objects.get().kept_models == ["seedance-2.0"]


def test_what_expires_first_comes_first_with_the_time_that_is_left(ana, switched_on):
    a_run(ago=timedelta(days=6, hours=20), model="second-to-none")
    a_run(ago=timedelta(hours=1, minutes=1), model="later")
    gone = a_run(ago=timedelta(days=8), model="gone")
    seen = page(ana, "/outputs/")
    assert seen.index("second-to-none</a>") < seen.index("later</a>")
    assert "3 hours left" in seen
    assert "6 days left" in seen
    deleted = page(ana, "/outputs/?state=deleted")
    day = f"{gone.made_at + LIFETIME:%-d %b %Y}"
    assert f"Segmind deleted this output on {day}; its run is kept." in deleted
    assert "later</a>" not in page(ana, "/outputs/?model=gone&state=deleted")


def test_browsers_get_pictures_of_outputs_from_segmind_and_on_no_other_page(ana, switched_on):
    a_run()
    client = client_of(ana)
    response = client.get("/outputs/")
    assert "https://*.segmind.com" in response["content-security-policy"]
    assert 'referrerpolicy="no-referrer"' in response.content.decode()
    assert "segmind.com" not in client.get("/")["content-security-policy"]


def test_one_click_keeps_one_some_or_all_and_viewers_keep_none(ana, switched_on):
    one, two, other = a_run(), a_run(outputs=2), a_run(model="flux")
    client = client_of(ana)
    client.post("/outputs/keep/", {"id": one.outputs.get().pk})
    assert GenerationOutput.objects.filter(state=OutputState.KEEPING, kept_by=ana).count() == 1
    client.post("/outputs/keep/", {"all": "1", "model": "seedance-2.0"})
    assert set(two.outputs.values_list("state", flat=True)) == {"keeping"}
    assert other.outputs.get().state == OutputState.FOUND
    vera = a_user("vera", role=Role.VIEWER)
    assert client_of(vera).post("/outputs/keep/", {"all": "1"}).status_code == 403
    assert "Keep all 1 of flux" in " ".join(page(ana, "/outputs/?model=flux").split())
    assert "Keep all" not in page(vera, "/outputs/?model=flux")


def test_prompts_are_for_whoever_ran_them_and_for_managers_who_can_purge_them(ana, ben, switched_on):
    run = a_run(person=ana, status="FAILED", error="NSFW: a boat without clothes")
    RunInput.objects.create(run=run, url="https://elsewhere.example/mask.png", field="mask")
    max_ = a_user("max", role=Role.MANAGER)
    address = run.get_absolute_url()
    for person, sees in ((ana, True), (ben, False), (max_, True)):
        seen = page(person, address)
        assert (PROMPT in seen, "elsewhere.example" in seen, "&#34;seed&#34;" in seen) == (sees, sees, sees)
        assert ("NSFW" in seen) == sees
        assert PROMPT not in page(person, "/outputs/")
    assert client_of(ana).post(f"{address}purge/").status_code == 403
    client_of(max_).post(f"{address}purge/")
    assert PROMPT not in page(ana, address)
    assert "NSFW" not in page(ana, address)
    assert "Purged" in page(ana, address)


def test_what_others_keep_private_stays_private_in_runs(ana, ben, switched_on):
    secret = an_asset(owner=ben, visibility="private", title="Sapphire")
    run = a_run(person=ana)
    RunInput.objects.create(run=run, url=secret.stored_file.url, stored_file=secret.stored_file)
    run.outputs.update(state=OutputState.KEPT, stored_file=secret.stored_file)
    for address in (run.get_absolute_url(), "/outputs/?state=kept"):
        assert "Sapphire" not in page(ana, address)
        assert "Sapphire" in page(ben, address)


def test_trouble_of_the_reading_is_told_in_words(ana, root, switched_on):
    GenerationHistory.objects.update(paused_because="Invalid API key", unread_rows=3, last_read_at=timezone.now())
    assert "Ask an administrator" in page(ana, "/outputs/")
    seen = page(root, "/outputs/")
    assert "Check the key, then choose Read now." in seen
    assert "3 values in it were not understood" in seen
    assert KEY not in seen
    client_of(root).post("/outputs/read/")
    assert GenerationHistory.objects.get().paused_because == ""


def test_a_list_of_outputs_takes_few_queries(ana, switched_on, django_assert_max_num_queries):
    file = a_stored_file()
    Asset.objects.create(owner=ana, stored_file=file, title="Kept", file_name="a.png", kind="image", size=1)
    for _ in range(60):
        a_run(person=ana)
    GenerationOutput.objects.update(state=OutputState.KEPT, stored_file=file)
    client = client_of(ana)
    with django_assert_max_num_queries(10):
        seen = client.get("/outputs/?state=kept").content.decode()
    assert seen.count('class="output"') == 50
    assert "Show more" in seen
