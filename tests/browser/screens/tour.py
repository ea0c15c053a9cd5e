"""How a person comes to a screen."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page

from assets.models import Asset, User
from tests.support.factories import a_picture, a_request, a_stored_file, an_asset
from tests.support.media import a_sound, a_video

Seen = Callable[["Tour"], None]


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
