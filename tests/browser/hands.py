"""What a person does that Playwright has no word for: dropping files, signing in, having a slow line."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.support.factories import PASSWORD


def drop_on(page: Page, *paths: Path, at: tuple[int, int] = (300, 500)) -> None:
    """Files and folders of this machine, as the system drops them."""
    devtools = page.context.new_cdp_session(page)
    event = {
        "x": at[0],
        "y": at[1],
        "data": {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1},
    }
    devtools.send("Input.dispatchDragEvent", {"type": "dragEnter", **event})
    expect(page.locator("[data-drop-zones]")).to_be_visible()
    for step in ("dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": step, **event})
    expect(page.locator("[data-drop-zones]")).to_be_hidden()


def sign_in_at(page: Page, address: str) -> None:
    """As Ana."""
    page.goto(address)
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")


def slow_down(page: Page, bytes_per_second: int) -> None:
    """What goes up from now on."""
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def during_the_next_refresh(page: Page, script: str) -> None:
    """Runs a script once the page has asked for its unfinished assets, before it gets the response."""

    def answer(route: Route) -> None:
        response = route.fetch()
        page.evaluate(script)
        route.fulfill(response=response)

    page.route("**/assets/cards/**", answer, times=1)
