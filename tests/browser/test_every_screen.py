"""What has to be true of every screen: nobody is kept out of it, and it fits every width."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page

from tests.browser import screens
from tests.browser.screens import SCREENS, Seen, Tour
from tests.support import factories

AXE = Axe()
# Decoration that moves says nothing about colours, nor do those halfway to another scheme.
STAND_STILL = {"reduced_motion": "reduce"}
END_TRANSITIONS = """() => document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime < Infinity)
  .forEach((animation) => animation.finish())"""
WIDTHS = (360, 768, 1280, 1920)
TARGET = 44
# What can be pressed and is smaller than a finger: links within a sentence may be, and a box may have a larger label.
# A card's title is pressed anywhere on the card.
TOO_SMALL = """(least) => {
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isInText = (element) => element.matches("p a, li a, dd a, .prose a, td a");
  const isOnACard = (element) => element.matches(".card .card-title");
  const area = (element) => {
    const inner = element.getBoundingClientRect();
    const after = getComputedStyle(element, "::after");
    const more = after.content !== "none" && after.position === "absolute" ? -2 * parseFloat(after.top) : 0;
    const label = element.matches("input") && element.closest("label")?.getBoundingClientRect();
    return ["width", "height"].map((side) => Math.max(inner[side] + Math.max(more, 0), label ? label[side] : 0));
  };
  return [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .filter((element) => shown(element) && !isInText(element) && !isOnACard(element))
    .map((element) => [element, area(element)])
    .filter(([, [width, height]]) => width > 1 && (width < least - 0.5 || height < least - 0.5))
    .map(([element, size]) => `${size.map(Math.round).join(" × ")}: ${element.outerHTML.slice(0, 150)}`);
}"""


@pytest.fixture
def tour(page: Page, live_server, settings, troubles) -> Iterator[Tour]:
    """Signed in, before a library with everything in it, as in production: errors have pages."""
    settings.DEBUG = False
    settings.ROOT_URLCONF = screens.__name__
    person = factories.an_administrator("ana")
    assets = screens.furnished_library(person)
    client = Client()
    client.force_login(person)
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield Tour(page, live_server.url, person, assets)
    # Pages of errors are answers with such a status, and Chromium writes a line about each.
    troubles[:] = [line for line in troubles if not is_about_a_status(line, live_server.url)]


def is_about_a_status(line: str, address: str) -> bool:
    return line.startswith("Failed to load resource") or f" {address}" in line


def violations(page: Page, **options: object) -> list[str]:
    """What axe finds, each with the element and what is measured."""
    page.evaluate(END_TRANSITIONS)
    found = AXE.run(page, None, {"resultTypes": ["violations"], "preload": False, **options}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {' '.join(node['failureSummary'].split())}"
        for rule in found
        for node in rule["nodes"]
    ]


def reach_at(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 800})
    return page.evaluate("document.documentElement.scrollWidth")


def too_small(page: Page) -> list[str]:
    """What a finger on a phone would miss; Django's own pages, of which only the colours are ours, are left out."""
    page.set_viewport_size({"width": min(WIDTHS), "height": 800})
    return [] if "/admin/" in page.url else page.evaluate(TOO_SMALL, TARGET)


@pytest.mark.parametrize("seen", SCREENS.values(), ids=SCREENS)
def test_a_screen_keeps_nobody_out_and_fits_every_width_and_finger(tour: Tour, seen: Seen):
    page = tour.page
    page.emulate_media(color_scheme="light", **STAND_STILL)
    seen(tour)
    found = violations(page)
    page.emulate_media(color_scheme="dark", **STAND_STILL)
    # Only the colours are others.
    found += violations(page, runOnly=["color-contrast"])
    found += [
        f"{reach} pixels wide, on a screen of {width}" for width in WIDTHS if (reach := reach_at(page, width)) > width
    ]
    found += too_small(page)
    assert found == [], "\n".join(found)
