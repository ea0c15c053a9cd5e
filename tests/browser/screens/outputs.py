"""Outputs, the runs that made them, and what an asset was used for."""

from datetime import timedelta

from django.utils import timezone

from assets.models import GenerationHistory, GenerationOutput, GenerationRun, RunInput, StoredFile
from assets.models.generations import LIFETIME
from tests.browser.screens.tour import Tour, screen


def _run(tour: Tour) -> GenerationRun:
    """A run of a picture, with outputs that are kept, about to be deleted and gone."""
    GenerationHistory.objects.get_or_create(is_on=True, unread_rows=2, last_read_at=timezone.now())
    file = tour.assets["picture"].stored_file
    StoredFile.objects.filter(pk=file.pk).update(run_count=1, is_output=True)
    run = GenerationRun.objects.create(
        request_id="r" * 60, model="m" * 60, made_at=timezone.now() - timedelta(days=6), cost="3.1", person=tour.person,
        status="COMPLETED", latency_ms=5120, prompt="A long way\n" * 9, parameters={"seed": 7, "style": "x" * 300},
    )  # fmt: skip
    RunInput.objects.create(run=run, url=file.url or "https://a.example/" + "x" * 200, stored_file=file, field="image")
    RunInput.objects.create(run=run, url="https://elsewhere.example/" + "x" * 200, field="mask")
    for number, state, days in ((1, "found", 0), (2, "kept", 0), (3, "failed", 0), (4, "found", -8)):
        GenerationOutput.objects.create(
            run=run, url=f"https://media.example/{number}.mp4", state=state, stored_file=file if number == 2 else None,
            expires_at=run.made_at + LIFETIME + timedelta(days=days), error="Not accepted." if number == 3 else "",
        )  # fmt: skip
    return run


@screen
def outputs(tour: Tour) -> None:
    _run(tour)
    tour.go("/outputs/")


@screen
def outputs_settings(tour: Tour) -> None:
    _run(tour)
    tour.go("/outputs/settings/")


@screen
def run(tour: Tour) -> None:
    tour.go(_run(tour).get_absolute_url())


@screen
def asset_with_runs(tour: Tour) -> None:
    _run(tour)
    tour.open("picture")
    tour.page.get_by_role("heading", name="Used in 1 run").wait_for()
