"""The design system: its colours can be read in both schemes, and its page shows every state."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from assets.models import LinkStatus, State
from assets.styleguide import contrast

STYLES = Path(django_settings.BASE_DIR, "static", "css")
ROLES = contrast.roles((STYLES / "tokens.css").read_text())
# Decoration: nothing is read from it.
DECORATION = {"line"}


@pytest.mark.parametrize("pair", contrast.PAIRS, ids=lambda pair: f"{pair.ink} on {pair.ground}")
def test_a_pair_of_colours_has_the_contrast_it_needs_in_both_schemes(pair):
    light, dark = contrast.contrasts(pair, ROLES)
    assert light >= pair.min_contrast
    assert dark >= pair.min_contrast


def test_contrast_is_measured_as_the_guidelines_say():
    assert contrast.contrast("#000000", "#ffffff") == 21
    assert contrast.contrast("#777777", "#777777") == 1
    assert contrast.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_role_is_in_a_pair():
    named = {role for pair in contrast.PAIRS for role in (pair.ink, pair.ground)}
    assert named == ROLES.keys() - DECORATION


def test_only_the_tokens_name_colours():
    """Another style sheet speaks of roles; light and shadow over pictures is no role."""
    named = {
        path.name: found
        for path in STYLES.glob("*.css")
        if path.name != "tokens.css" and (found := re.findall(r"#[0-9a-fA-F]{3,8}\b(?!.*\{)", path.read_text()))
    }
    assert named == {}


@pytest.mark.django_db
def test_the_style_guide_shows_every_state_and_the_contrast_of_every_pair(as_ana):
    page = as_ana.get("/styleguide/").content.decode()
    for state in State.values:
        assert f"badge-{state}" in page
    for status in (LinkStatus.BROKEN, LinkStatus.CHANGED, LinkStatus.UNREACHABLE):
        assert f"Link {status.value}" in page
    for pair in contrast.PAIRS:
        light, dark = contrast.contrasts(pair, ROLES)
        assert f"{light:.1f} · {dark:.1f} (at least {pair.min_contrast})" in page


@pytest.mark.django_db
def test_the_style_guide_is_not_there_in_production(as_ana, settings):
    settings.DEBUG = False
    assert as_ana.get("/styleguide/").status_code == 404
