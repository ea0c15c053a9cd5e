"""What has to be true of every screen: nobody is kept out of it, and it fits every width."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page

from tests import factories
from tests.browser import screens
from tests.browser.screens import SCREENS, Seen, Tour

AXE = Axe()
# Decoration that moves says nothing about colours, nor do those halfway to another scheme.
STAND_STILL = {"reduced_motion": "reduce"}
END_TRANSITIONS = """() => document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime < Infinity)
  .forEach((animation) => animation.finish())"""
# The administration's box to choose tags from is made by a library within Django.
NOT_OURS = {"exclude": [".select2"]}


@pytest.fixture
def tour(page: Page, live_server, settings, troubles) -> Iterator[Tour]:
    """Signed in, before a library with everything in it, as in production: errors have pages."""
    settings.DEBUG = False
    settings.ROOT_URLCONF = screens.__name__
    person = factories.an_administrator("ana")
    entries = screens.furnished_library(person)
    client = Client()
    client.force_login(person)
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield Tour(page, live_server.url, person, entries)
    # Pages of errors are answers with such a status, and Chromium writes a line about each.
    troubles[:] = [line for line in troubles if not is_about_a_status(line, live_server.url)]


def is_about_a_status(line: str, address: str) -> bool:
    return line.startswith("Failed to load resource") or f" {address}" in line


def violations(page: Page, **options: object) -> list[str]:
    """What axe finds, each with the element and what is measured."""
    page.evaluate(END_TRANSITIONS)
    found = AXE.run(page, NOT_OURS, {"resultTypes": ["violations"], "preload": False, **options}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {' '.join(node['failureSummary'].split())}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("seen", SCREENS.values(), ids=SCREENS)
def test_a_screen_keeps_nobody_out_in_either_scheme(tour: Tour, seen: Seen):
    tour.page.emulate_media(color_scheme="light", **STAND_STILL)
    seen(tour)
    found = violations(tour.page)
    tour.page.emulate_media(color_scheme="dark", **STAND_STILL)
    # Only the colours are others.
    found += violations(tour.page, runOnly=["color-contrast"])
    assert found == [], "\n".join(found)
