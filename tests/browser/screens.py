"""Every screen of the application, and how a person comes there: for what has to be true of each of them."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import BadRequest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import Asset, SavedSearch, User, Webhook
from assets.models.webhooks import DeliveryState
from segmind_site import urls
from tests.support.factories import a_picture, a_request, a_stored_file, an_asset
from tests.support.media import a_sound, a_video

Seen = Callable[["Tour"], None]
TRAY = "uploads"


@dataclass
class Tour:
    """One person's way through the library of `furnished_library()`."""

    page: Page
    url: str
    person: User
    assets: dict[str, Asset]

    def go(self, address: str) -> None:
        self.page.goto(self.url + address)

    def open(self, name: str) -> None:
        self.go(self.assets[name].get_absolute_url())

    def facts(self, name: str) -> dict[str, Any]:
        """What a program is told of an asset."""
        address = self.url + self.assets[name].get_absolute_url()
        return self.page.request.get(address, headers={"accept": "application/json"}).json()

    def send(self, address: str, **values: str) -> None:
        """A form, as a page of ours would send it."""
        with self.page.expect_navigation():
            self.page.evaluate(
                """([action, values]) => {
                  const form = Object.assign(document.createElement("form"), { method: "post", action });
                  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
                  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...values })) {
                    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
                  }
                  document.body.append(form);
                  form.submit();
                }""",
                [address, values],
            )


def furnished_library(owner: User) -> dict[str, Asset]:
    """An asset of every kind and in every state, by names that say which it is."""
    webp = ContentFile(a_picture(size=(300, 200), format="WEBP"))

    def made(title: str, content: bytes, media_type: str, *, of: User | None = owner, **fields: object) -> Asset:
        about = {name: fields.pop(name) for name in ("visibility", "tags", "trashed_at") if name in fields}
        file = a_stored_file(content=content, media_type=media_type, **fields)
        if media_type.startswith(("image", "video")):
            file.width, file.height = 300, 200
            file.preview.save(f"previews/{file.sha256}.webp", webp)
        return an_asset(owner=of, stored_file=file, title=title, **about)

    assets = [
        made("picture", a_picture(size=(300, 200)), "image/png", link_status="verified", tags=("sea", "long " * 9)),
        made("private", a_picture(), "image/png", visibility="private"),
        made("other’s", a_picture(), "image/png", of=None, link_status="verified"),
        made("broken", a_picture(), "image/png", link_status="broken"),
        made("animated", a_picture(format="GIF"), "image/gif", is_animated=True),
        made("queued", a_picture(), "image/png", state="queued"),
        made("sending", a_picture(), "image/png", state="sending"),
        made("failed", a_picture(), "image/png", state="failed", error="The file’s type does not match. " * 9),
        made("video", _video(), "video/webm", duration=75.0),
        made("audio", _sound(), "audio/mpeg", duration=200.0),
        made("paper", b"%PDF-1.4 no preview", "application/pdf", preview_error="The document is damaged."),
        made("trashed", a_picture(), "image/png", trashed_at=timezone.now()),
        made("x" * 200, a_picture(), "image/png"),
    ]
    assets[0].set_labels(collections=["Trips/2024"])
    a_request(outcome="unavailable", message="w" * 300)
    a_request(outcome="stored")
    return {asset.title: asset for asset in assets}


_video = functools.cache(lambda: a_video("webm", "libvpx"))
_sound = functools.cache(lambda: a_sound("mp3", "libmp3lame"))

SCREENS: dict[str, Seen] = {}


def screen(seen: Seen) -> Seen:
    SCREENS[seen.__name__] = seen
    return seen


def _at(address: str) -> Seen:
    return lambda tour: tour.go(address)


def _asset(name: str) -> Seen:
    return lambda tour: tour.open(name)


SCREENS |= {
    "library": _at("/"),
    "no_results": _at("/?q=nowhere"),
    "months": _at("/?part=timeline"),
    "misunderstood_search": _at("/?q=type:banana+sea"),
    "choices_of_a_filter": _at("/?part=filter&filter=tag"),
    "no_saved_searches": _at("/searches/"),
    "help": _at("/help/"),
    "menu": _at("/menu/"),
    "upload": _at("/upload/"),
    "activity": _at("/activity/"),
    "trash": _at("/trash/"),
    "tags": _at("/tags/"),
    "collections": _at("/collections/"),
    "private_collections": _at("/collections/~/"),
    "new_collection": _at("/collections/new/"),
    "account": _at("/account/"),
    "tokens": _at("/account/tokens/"),
    "open_link": _at("/accounts/link/"),
    "change_password": _at("/accounts/password/"),
    "password_changed": _at("/accounts/password/done/"),
    "not_found": _at("/nothing/"),
    "error": _at("/breaks"),
    "unavailable": _at("/waits"),
    "admin_front": _at("/admin/"),
    "admin_list": _at("/admin/assets/storedfile/"),
    "admin_ledger": _at("/admin/assets/uploadrequest/"),
    "asset": _asset("picture"),
    "asset_of_somebody_else": _asset("other’s"),
    "asset_that_failed": _asset("failed"),
    "asset_that_waits": _asset("queued"),
    "asset_with_a_broken_link": _asset("broken"),
    "asset_with_a_video": _asset("video"),
    "asset_with_a_sound": _asset("audio"),
    "asset_without_a_preview": _asset("paper"),
    "asset_in_the_trash": _asset("trashed"),
    "asset_with_a_long_title": _asset("x" * 200),
}


@screen
def empty_library(tour: Tour) -> None:
    Asset.objects.all().delete()
    tour.go("/")


@screen
def library_in_rows(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_role("button", name="List").click()
    expect(tour.page.get_by_role("table")).to_be_visible()


@screen
def quick_look(tour: Tour) -> None:
    """Of a broken link, with its facts."""
    tour.go("/?q=is:broken")
    tour.page.get_by_role("link", name="broken", exact=True).press(" ")
    expect(tour.page.get_by_role("button", name="Re-upload")).to_be_visible()
    tour.page.keyboard.press("i")
    expect(tour.page.get_by_role("complementary", name="Facts")).to_be_visible()


@screen
def selection(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_label("Select picture").check(force=True)
    expect(tour.page.get_by_text("1 selected")).to_be_visible()


@screen
def selection_of_all(tour: Tour) -> None:
    tour.go("/")
    tour.page.keyboard.press("Control+a")
    tour.page.keyboard.press("Control+a")
    expect(tour.page.get_by_text("All 12 assets selected")).to_be_attached()


@screen
def open_menus(tour: Tour) -> None:
    tour.go("/")
    tour.page.locator("details.menu").evaluate_all("all => all.forEach((menu) => (menu.open = true))")


@screen
def suggestions(tour: Tour) -> None:
    tour.go("/?q=tag:sea+-type:png+pier")
    tour.page.get_by_role("combobox", name="Search").press_sequentially(" by:")
    expect(tour.page.get_by_role("option", name="Me")).to_be_visible()


@screen
def saved_searches(tour: Tour) -> None:
    for owner, name in ((tour.person, "Sea, wide"), (tour.person, "x" * 60), (None, "Of the team")):
        SavedSearch.objects.create(owner=owner, name=name, text="tag:sea wide:")
    tour.go("/searches/")
    tour.page.locator(".saved summary").first.click()


@screen
def saved_search_with_changes(tour: Tour) -> None:
    saved = SavedSearch.objects.create(owner=tour.person, name="Sea, wide", text="tag:sea")
    tour.go(f"/?q=type:image&saved={saved.pk}")
    tour.page.locator("summary", has_text="Save as new").click()


@screen
def bulk_in_a_dialog(tour: Tour) -> None:
    selection(tour)
    tour.page.get_by_role("button", name="Tag", exact=True).click()
    expect(tour.page.get_by_role("dialog")).to_be_visible()


@screen
def bulk_as_a_page(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", action="trash", id=str(tour.assets["picture"].pk))


@screen
def titles_of_many(tour: Tour) -> None:
    tour.go("/")
    names = {"title_how": "set", "title_text": "Sea {n:03}", "description_how": "replace", "description_find": ""}
    tour.send("/assets/bulk/", action="edit", confirmed="1", id=str(tour.assets["picture"].pk), **names)


@screen
def many_urls_to_copy(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", action="copy", all="1")


@screen
def copying_an_asset(tour: Tour) -> None:
    tour.go(f"{tour.assets['picture'].get_absolute_url()}copy/")


@screen
def notices(tour: Tour) -> None:
    """Something was moved to the trash, and can be had back."""
    tour.open("picture")
    tour.page.get_by_role("button", name="Move to trash").click()
    expect(tour.page.get_by_role("button", name="Undo")).to_be_visible()


@screen
def style_guide(tour: Tour) -> None:
    """There while developing; everything else is shown as in production."""
    django_settings.DEBUG = True
    tour.go("/styleguide/")
    expect(tour.page.locator(".tray-row").last).to_be_visible()


@screen
def video_that_cannot_be_played(tour: Tour) -> None:
    file, content = tour.assets["video"].stored_file, b"in no known format"
    file.size = len(content)
    file.original.save("film.webm", ContentFile(content))
    tour.open("video")
    expect(tour.page.get_by_text("This browser can’t play")).to_be_visible()


@screen
def editing(tour: Tour) -> None:
    tour.open("picture")
    tour.page.locator("summary", has_text="Edit").click()
    expect(tour.page.get_by_label("Title")).to_be_visible()


@screen
def enlarged_picture(tour: Tour) -> None:
    tour.open("picture")
    tour.page.locator(".zoom").click()


@screen
def keys_in_a_dialog(tour: Tour) -> None:
    tour.go("/")
    tour.page.keyboard.press("?")
    expect(tour.page.get_by_role("dialog")).to_be_visible()


@screen
def one_tag(tour: Tour) -> None:
    tour.go("/tags/sea/")
    tour.page.get_by_text("Settings of sea").locator("..").click()
    tour.page.get_by_role("link", name="Rename").click()
    expect(tour.page.get_by_role("dialog").get_by_label("Name", exact=True)).to_be_visible()


@screen
def one_collection(tour: Tour) -> None:
    tour.go("/collections/")
    tour.page.get_by_role("link", name="Trips").first.click()
    expect(tour.page.locator("main").get_by_role("link", name="2024")).to_be_visible()


@screen
def changing_a_cover(tour: Tour) -> None:
    tour.go("/collections/Trips/2024/")
    tour.page.get_by_text("Settings of 2024").locator("..").click()
    tour.page.get_by_role("link", name="Change cover").click()
    expect(tour.page.get_by_role("dialog")).to_be_visible()


@screen
def upload_tray(tour: Tour) -> None:
    """A row in every state that the server can tell, and in those of files that it has not got."""
    leave_in_the_tray(tour)
    tour.go("/")
    tour.page.locator("[data-fold]").click()
    tour.page.locator(".tray-row").first.get_by_role("button", name="Edit details of").click()


@screen
def upload_tray_on_the_upload_page(tour: Tour) -> None:
    leave_in_the_tray(tour)
    tour.go("/upload/")
    expect(tour.page.locator(".tray-row").last).to_be_visible()


def leave_in_the_tray(tour: Tour) -> None:
    """What a page before this one would have left."""
    tour.go("/help/")
    states = ("queued", "sending", "picture", "broken", "failed")
    assets = [tour.facts(name) for name in states]
    uploads = [{"name": one["file_name"], "size": one["size"], "state": "received", "asset": one} for one in assets]
    uploads.append({"name": "empty.png", "size": 0, "state": "refused", "error": "The file is empty (0 bytes)."})
    uploads.append({"name": "late.mp4", "size": 9_000_000, "state": "interrupted", "error": "Not uploaded."})
    saved = json.dumps({"person": str(tour.person.pk), "isFolded": True, "uploads": uploads})
    tour.page.evaluate("([name, saved]) => sessionStorage.setItem(name, saved)", [TRAY, saved])


@screen
def refused_upload(tour: Tour) -> None:
    """What the plain form says of files that it has not taken, and of fields that are wrong."""
    tour.go("/upload/")
    tour.send("/upload/", title="t" * 300)


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


@screen
def not_allowed(tour: Tour) -> None:
    tour.go("/")
    tour.send(f"{tour.assets['other’s'].get_absolute_url()}trash/")


@screen
def out_of_date_form(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", csrfmiddlewaretoken="")


@screen
def words_of_an_out_of_date_form(tour: Tour) -> None:
    tour.go("/")
    tour.send("/upload/", csrfmiddlewaretoken="", title="x" * 200, description="Two\nlines")
    expect(tour.page.get_by_role("button", name="Send again")).to_be_visible()


@screen
def words_of_somebody_signed_out(tour: Tour) -> None:
    tour.go("/")
    tour.page.context.clear_cookies(name="sessionid")
    tour.send(tour.assets["picture"].get_absolute_url(), title="Mine")
    expect(tour.page.get_by_role("button", name="Send again")).to_be_visible()


@screen
def two_edits_of_one_asset(tour: Tour) -> None:
    """A choice for each field."""
    version = tour.facts("picture")["version"]
    theirs = {"title": "theirs " * 20, "description": "x" * 300, "visibility": "private"}
    Asset.objects.filter(pk=tour.assets["picture"].pk).update(**theirs)
    tour.open("picture")
    words = {"title": "Mine", "description": "My own", "visibility": "team"}
    tour.send(tour.assets["picture"].get_absolute_url(), version=version, **words)
    expect(tour.page.get_by_role("group", name="Title")).to_be_visible()


@screen
def damaged_request(tour: Tour) -> None:
    tour.go("/refuses")


@screen
def too_large_request(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", q="x" * 3_000_000)


@screen
def sign_in(tour: Tour) -> None:
    tour.page.context.clear_cookies()
    tour.go("/")


@screen
def sign_in_refused(tour: Tour) -> None:
    sign_in(tour)
    tour.page.get_by_label("Username").fill("ana")
    tour.page.get_by_label("Password").fill("not it")
    tour.page.get_by_role("button", name="Sign in").click()
    expect(tour.page.get_by_role("alert")).to_be_visible()


@screen
def change_password_refused(tour: Tour) -> None:
    tour.go("/accounts/password/")
    for label in ("Old password", "New password", "New password confirmation"):
        tour.page.get_by_label(label, exact=True).fill("12345")
    tour.page.get_by_role("button", name="Change password").click()
    expect(tour.page.locator(".field-error").first).to_be_visible()


@screen
def admin_change(tour: Tour) -> None:
    tour.go(f"/admin/assets/asset/{tour.assets['picture'].pk}/change/")


@screen
def admin_details(tour: Tour) -> None:
    tour.go(f"/admin/assets/storedfile/{tour.assets['picture'].stored_file_id}/change/")


# --- Addresses that go wrong, for the pages that say so ---


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def refuses(request: HttpRequest) -> HttpResponse:
    raise BadRequest("on purpose")


def waits(request: HttpRequest) -> HttpResponse:
    raise OperationalError("on purpose")


urlpatterns = [*urls.urlpatterns, path("breaks", breaks), path("refuses", refuses), path("waits", waits)]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
