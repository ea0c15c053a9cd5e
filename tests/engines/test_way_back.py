"""Back to the card that was opened, deep in the library."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.engines.hands import not_in_chromium
from tests.support.factories import an_asset

DEEP = 130
CARD = "document.querySelector('[title=\"Picture 110\"]')?.closest('[data-asset]')"


@not_in_chromium
def test_back_leads_to_the_card_that_was_opened(hands, live_server):
    hands.sign_in(live_server.url, "ana")
    now = timezone.now()
    for number in range(DEEP):
        an_asset(
            owner=get_user_model().objects.get(),
            title=f"Picture {number:03}",
            created_at=now - timedelta(minutes=number),
        )
    hands.open(live_server.url)
    for count in (40, 80, 120):
        hands.wait_for(f"document.querySelectorAll('[data-asset]').length >= {count}")
        hands.run("scrollTo(0, document.body.scrollHeight)")
    hands.wait_for(f"document.querySelectorAll('[data-asset]').length === {DEEP}")
    hands.run(f"{CARD}.scrollIntoView({{ block: 'center' }})")
    note = f"sessionStorage.top = {CARD}.getBoundingClientRect().top"
    hands.run(f"addEventListener('pagehide', () => {{ {note} }})")
    hands.click("[title='Picture 110']")
    hands.wait_for("document.querySelector('[data-back]')")
    hands.run("setTimeout(() => history.back())")
    hands.wait_for(f"{CARD} && {CARD}.contains(document.activeElement)")
    top = hands.run("return Number(sessionStorage.top)")
    hands.wait_for(f"Math.abs({CARD}.getBoundingClientRect().top - {top}) < 2")
