"""Every limit at its edge: one byte, a tenth of a second, one pixel more or less."""

from dataclasses import replace

import pytest

from assets.catalogue.fits import FileFacts, judge
from assets.catalogue.specs import FileInput, Limits

PICTURE = FileFacts(kind="image", media_type="image/png", size=1_000_000, width=1000, height=500)
FILM = FileFacts(kind="video", media_type="video/mp4", size=1_000_000, width=1920, height=1080, seconds=10.0)


def verdict(limits: Limits, facts: FileFacts):
    return judge(FileInput(name="file", kind=facts.kind, limits=limits), facts)


@pytest.mark.parametrize(
    ("limits", "kept", "broken", "reason"),
    [
        (Limits(max_bytes=50_000_000), {"size": 50_000_000}, {"size": 50_000_001},
         "50,000,001 bytes; this input takes 50,000,000."),
        (Limits(max_bytes=50_000_000), {"size": 1}, {"size": 62_000_000}, "62 MB; this input takes 50 MB."),
        (Limits(max_seconds=10), {"seconds": 10.0}, {"seconds": 10.1}, "10.1 s; at most 10 s."),
        (Limits(min_seconds=2), {"seconds": 2.0}, {"seconds": 1.9}, "1.9 s; at least 2 s."),
        (Limits(min_side=500), {"height": 500}, {"height": 499}, "1920 × 499 px; each side at least 500 px."),
        (Limits(max_side=1920), {"width": 1920}, {"width": 1921}, "1921 × 1080 px; each side at most 1920 px."),
        (Limits(max_pixels=1920 * 1080), {}, {"width": 1921},
         "1921 × 1080 px are 2,074,680 pixels; at most 2,073,600."),
        (Limits(min_ratio=0.4), {"width": 432}, {"width": 431}, "The ratio is 0.399; at least 0.4."),
        (Limits(max_ratio=16 / 9), {"width": 1920}, {"width": 1921}, "The ratio is 1.779; at most 1.778."),
        (Limits(media_types=("video/mp4", "video/quicktime")), {"media_type": "video/quicktime"},
         {"media_type": "video/webm"}, "WebM; this input takes MP4 or MOV."),
    ],
)  # fmt: skip
def test_each_limit_is_kept_to_the_last_byte_tenth_and_pixel(limits, kept, broken, reason):
    assert verdict(limits, replace(FILM, **kept)).fits
    found = verdict(limits, replace(FILM, **broken))
    assert (found.outcome, found.reasons) == ("does_not", (reason,))


def test_a_length_that_differs_by_how_it_is_computed_is_kept():
    assert verdict(Limits(max_seconds=15), replace(FILM, seconds=15.0000004)).fits


def test_another_kind_does_not_fit():
    found = judge(FileInput(name="clip", kind="video"), PICTURE)
    assert (found.outcome, found.reasons) == ("does_not", ("This input takes videos.",))


def test_all_that_is_broken_is_said():
    limits = Limits(max_bytes=10, min_side=600, max_ratio=1.5)
    assert len(verdict(limits, PICTURE).reasons) == 3


def test_what_is_not_known_of_a_file_is_not_guessed():
    unmeasured = replace(FILM, seconds=None, width=None, height=None)
    found = verdict(Limits(max_seconds=15, min_side=300), unmeasured)
    assert (found.outcome, len(found.reasons)) == ("not_stated", 2)
    assert verdict(Limits(max_bytes=10**9), unmeasured).fits
    assert verdict(Limits(max_bytes=1, max_seconds=15), unmeasured).outcome == "does_not"


def test_an_input_without_limits_is_not_said_to_fit():
    found = verdict(Limits(), PICTURE)
    assert (found.outcome, found.reasons) == ("not_stated", ("No limits are stated for this input.",))
