"""The library: selecting, searching, dropping, menus."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from selenium.webdriver import Keys

from assets.models import Asset, StoredFile
from tests.engines.hands import not_in_chromium
from tests.support.factories import an_asset

COUNT = "document.querySelector('[data-selection-count]').textContent"
FOCUSED = "return document.activeElement.textContent.trim()"


@pytest.fixture
def ana(hands, live_server):
    hands.sign_in(live_server.url, "ana")
    return get_user_model().objects.get()


def store(asset: Asset) -> None:
    StoredFile.objects.mark_stored({asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())


@pytest.mark.parametrize("layout", ["medium", "list"])
def test_a_refresh_leaves_the_selection_and_the_focus(hands, ana, live_server, layout):
    asset = an_asset(owner=ana, title="Slow", state="queued")
    an_asset(owner=ana, title="Slower", state="queued")
    hands.open(live_server.url)
    if layout == "list":
        hands.click("[name=layout][value=list]")
        hands.wait_for("document.querySelector('tr[data-asset]')")
    tick = f"#card-{asset.pk} [name=id]"
    hands.click(tick)
    hands.run(f"window.tick = document.querySelector('{tick}')")
    store(asset)
    hands.wait_for(f"document.querySelector('#card-{asset.pk} [data-copy]')")
    assert hands.get(tick, "checked")
    assert hands.run(f"return {COUNT}") == "1 selected"
    assert hands.run(f"return document.getElementById('card-{asset.pk}').hasAttribute('data-selected')")
    assert hands.run("return document.activeElement === window.tick && window.tick.isConnected")


def test_a_reload_shows_as_many_selected_as_are_ticked(hands, ana, live_server):
    for title in ("One", "Two", "Three"):
        an_asset(owner=ana, title=title)
    hands.open(live_server.url)
    hands.click(".card:nth-of-type(2) [name=id]")
    ticked = "return [...document.querySelectorAll('[data-cards] [name=id]:checked')].map((box) => box.value)"
    chosen = hands.run(ticked)
    # A new asset moves the others on: ticks at the same places would be those of others.
    an_asset(owner=ana, title="Four")
    hands.reload()
    hands.wait_for("document.querySelectorAll('.card').length === 4")
    assert len(chosen) == 1
    assert hands.run(ticked) == chosen
    hands.wait_for(f"{COUNT} === '1 selected'")


def complete(hands, field: str, text: str, completed: str) -> str:
    """Writes, and takes the first option. Its list is the browser's own: nothing in the page tells when it is open.

    In WebKit, a key is lost now and then, so it is written again.
    """
    hands.run("addEventListener('submit', (event) => event.preventDefault())")
    hands.click(field)
    for patience in (0.3, 1, 3):
        hands.press(Keys.CONTROL, "a")
        hands.press(text)
        hands.wait_for(f"document.querySelector('{field}').list?.options.length")
        time.sleep(patience)
        hands.press(Keys.ARROW_DOWN)
        hands.press(Keys.ENTER)
        if (value := hands.get(field, "value")) == completed:
            break
    return value


# Chromium shows its lists in windows, of which it has none here.
@not_in_chromium
@pytest.mark.parametrize(
    ("address", "field", "text", "completed"),
    [
        ("/upload/", "#upload-form [name=tags]", "blue, har", "blue, harbour"),
    ],
)
def test_names_of_tags_are_completed(hands, ana, live_server, address, field, text, completed):
    an_asset(owner=ana, title="Pier", tags=("harbour",))
    hands.open(live_server.url + address)
    assert complete(hands, field, text, completed) == completed


def test_a_condition_of_the_search_is_completed(hands, ana, live_server):
    an_asset(owner=ana, title="Pier", tags=("harbour",))
    hands.open(f"{live_server.url}/help/")
    hands.click("[data-search]")
    hands.press("tag:har")
    hands.wait_for("document.querySelector('#search-options li')?.textContent.includes('harbour')")
    hands.press(Keys.ARROW_DOWN)
    hands.press(Keys.ENTER)
    hands.wait_for("document.querySelector('[data-chip]')?.textContent === 'tag:harbour'")
    hands.press(Keys.ENTER)
    hands.wait_for("document.querySelector('.card-title')?.textContent === 'Pier'")


@not_in_chromium
def test_results_come_while_typing_and_keys_lead_through_them(hands, ana, live_server):
    for title in ("Harbour", "Harbour at dawn", "Dunes"):
        an_asset(owner=ana, title=title)
    hands.open(live_server.url)
    hands.press("/")
    hands.wait_for("document.activeElement.matches('[data-search]')")
    hands.press("harb")
    hands.wait_for("document.querySelectorAll('.card').length === 2")
    hands.press(Keys.TAB)
    hands.press(Keys.ARROW_RIGHT)
    hands.run("document.activeElement.blur()")
    hands.press(Keys.ARROW_RIGHT)
    assert hands.run(FOCUSED) == "Harbour at dawn"
    hands.press(Keys.ARROW_RIGHT)
    hands.press("x")
    hands.wait_for(f"{COUNT} === '1 selected'")
    hands.press("?")
    hands.wait_for("document.querySelector('dialog[open]')")
    hands.press(Keys.ESCAPE)
    hands.wait_for("!document.querySelector('dialog[open]')")
    hands.press(Keys.ESCAPE)
    hands.wait_for("!document.querySelector('[data-selecting]')")


@not_in_chromium
def test_shift_and_a_click_select_all_between(hands, ana, live_server):
    for title in ("One", "Two", "Three", "Four"):
        an_asset(owner=ana, title=title)
    hands.open(live_server.url)
    hands.click(".card:nth-of-type(1) [name=id]")
    hands.click(".card:nth-of-type(3) [name=id]", Keys.SHIFT)
    hands.wait_for(f"{COUNT} === '3 selected'")
    hands.click(".card:nth-of-type(4) .card-title")
    hands.wait_for(f"{COUNT} === '4 selected'")


def test_files_are_dropped_on_the_zone_for_private_files_or_taken_away(hands, ana, segmind, live_server):
    private, zones = "[data-drop=private]", "document.querySelector('[data-drop-zones]:not([hidden])')"
    hands.drag("dragenter")
    hands.wait_for(zones)
    hands.drag("dragenter", private)
    hands.drag("dragleave")
    hands.drag("dragleave", private)
    hands.wait_for(f"!{zones}")

    hands.drag("dragenter")
    hands.drag("dragenter", private)
    hands.drag("dragleave")
    hands.drag("dragover", private)
    hands.wait_for(zones)
    hands.drag("drop", private, "notes.pdf")
    hands.wait_for(f"!{zones} && document.querySelector('.card')")
    assert Asset.objects.get().visibility == "private"


def test_a_long_option_makes_no_page_wider_than_the_window(hands, ana, live_server):
    hands.resize(360, 800)
    hands.open(f"{live_server.url}/upload/")
    hands.run("document.querySelector('#upload-form select').add(new Option('x'.repeat(90), 'x', true, true))")
    assert hands.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_tab_leads_from_a_clicked_menu_to_what_is_in_it(hands, ana, live_server):
    hands.click(".header-actions summary .avatar")
    hands.wait_for("document.querySelector('.header-actions [open]')")
    assert not hands.run("return document.querySelector('.header-actions summary').matches(':focus-visible')")
    hands.press(Keys.TAB)
    assert hands.run(FOCUSED) == "Account"
