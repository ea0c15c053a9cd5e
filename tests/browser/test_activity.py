"""The activity page keeps itself up to date."""

from playwright.sync_api import Page, expect

from assets.models import StoredFile
from tests.support.factories import an_asset


def test_numbers_change_by_themselves(page: Page, sign_in, live_server):
    sign_in("ana")
    asset = an_asset(title="slow one", state="queued")
    page.goto(f"{live_server.url}/activity/")
    expect(page.locator("dl").get_by_text("1", exact=True)).to_be_visible()
    StoredFile.objects.filter(pk=asset.stored_file_id).fail("It was too odd.")
    expect(page.locator("dl > div", has_text="Failed")).to_contain_text("1")
    expect(page.get_by_role("region", name="Waiting")).to_have_count(0)
