"""Shares, and the pages of webhooks."""

from django.utils import timezone
from playwright.sync_api import expect

from assets.models import Webhook
from assets.models.webhooks import DeliveryState
from tests.browser.screens.tour import Tour, screen


@screen
def webhooks(tour: Tour) -> None:
    tour.go("/webhooks/")
    tour.send("/webhooks/", url="http://" + "x" * 200)


@screen
def one_webhook(tour: Tour) -> None:
    """That fails, with a delivery in every state."""
    now = timezone.now()
    address = f"https://hooks.example.com/{'x' * 120}"
    webhook = Webhook.objects.create(url=address, events="asset.stored asset.trashed", failing_since=now)
    asset = tour.assets["picture"].pk
    for state in DeliveryState:
        told = {"type": "asset.stored", "asset_id": asset, "at": now, "queued_at": now, "next_attempt_at": now}
        webhook.deliveries.create(**told, state=state, attempts=2, status=500, answer="<b>not this</b> " * 12)
    tour.go(webhook.get_absolute_url())


@screen
def secret_of_a_webhook(tour: Tour) -> None:
    tour.go("/webhooks/")
    tour.send("/webhooks/", url="https://hooks.example.com/assets", events="asset.stored")
    expect(tour.page.get_by_label("Signing secret", exact=True)).to_be_visible()


@screen
def link_dialog(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_label("Select picture").check(force=True)
    tour.page.locator("[formaction*=shares]").first.click()
    expect(tour.page.get_by_role("button", name="Create link")).to_be_visible()


@screen
def shared_links(tour: Tour) -> None:
    share_everything(tour)
    tour.go("/shares/")


@screen
def settings_of_a_link(tour: Tour) -> None:
    share_everything(tour)
    tour.go("/shares/")
    tour.page.get_by_role("main").get_by_role("link", name="All of it", exact=True).click()
    expect(tour.page.get_by_role("button", name="Revoke link")).to_be_visible()


@screen
def page_of_a_share(tour: Tour) -> None:
    tour.page.goto(share_everything(tour))


@screen
def lightbox_of_a_share(tour: Tour) -> None:
    tour.page.goto(share_everything(tour))
    tour.page.locator("[data-open]").first.click()
    expect(tour.page.get_by_role("dialog").get_by_role("heading")).to_be_visible()


@screen
def share_with_a_password(tour: Tour) -> None:
    tour.page.goto(share_everything(tour, password="open sesame"))
    expect(tour.page.get_by_label("Password")).to_be_visible()


@screen
def link_that_does_not_open(tour: Tour) -> None:
    tour.go("/s/nothing/")


def share_everything(tour: Tour, **fields: str) -> str:
    """The link of a share of all assets."""
    tour.go("/help/")
    sent = {"name": "All of it", "confirmed": "1", "all": "1", "allows_downloads": "1", "shows_urls": "1", **fields}
    token = tour.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    headers = {"accept": "application/json", "x-csrftoken": token, "referer": tour.url}
    made = tour.page.request.post(f"{tour.url}/shares/new/", form=sent, headers=headers)
    return made.json()["link"]
