"""Every accepted format, uploaded and shown: see `table` for what comes of each."""

from pathlib import Path

import pytest
from django.conf import settings

from assets.media.rows import SUPPORTED
from assets.models import StoredFile
from assets.previews.render import render_preview
from tests.corpus.table import ROWS, Sample, samples

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
UNDRAWN = {"audio/x-ape", "audio/x-musepack", "audio/x-tak", "image/heic-sequence", "image/heif-sequence"}


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Where files are drawn, once in a run, whichever of its processes comes first."""
    return Path(settings.RUN, "corpus")


@pytest.mark.parametrize("sample", list(samples()), ids=str)
def test_every_accepted_format(as_ana, upload, corpus, sample: Sample):
    (result,) = upload(as_ana, (sample.sent_as, sample.content(corpus)))["results"]
    is_cut = sample.variation == "truncated"
    outcome = result["error"]["code"] if result["error"] else show(result["asset"])
    assert outcome == (sample.row.cut if is_cut else "shown"), result["error"] or StoredFile.objects.get().preview_error
    if result["error"]:
        return
    file = StoredFile.objects.get()
    assert bool(file.warning) == (is_cut and sample.row.warns), file.warning
    if outcome == "shown":
        assert (file.media_type, result["asset"]["kind"]) == (sample.row.media_type, sample.row.kind)
    if not is_cut:
        assert (file.width, file.height) == (sample.size or (None, None))
        assert file.duration == (sample.seconds and pytest.approx(sample.seconds, abs=0.2))


def show(asset: dict) -> str:
    return "shown" if render_preview(StoredFile.objects.get(assets=asset["id"])) else "not shown"


def test_no_format_is_left_out():
    drawn = {row.media_type for row in ROWS}
    assert {row.media_type for row in SUPPORTED} - drawn == UNDRAWN
