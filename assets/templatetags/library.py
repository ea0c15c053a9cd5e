import functools
from datetime import datetime
from typing import Any

from django import template
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from assets.models import Asset
from assets.services import activity
from assets.services.listing import Listing, Page

register = template.Library()

NOTICE_SECONDS = 5

# Outlines on a grid of 24 by 24, drawn with a line of 1.75.
# ruff: noqa: E501
ICONS = {
    "activity": '<path d="M3.5 12H7l3-7 4 14 3-7h3.5"/>',
    "audio": '<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>',
    "copy": '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1"/>',
    "grid": '<rect x="4" y="4" width="7" height="7" rx="1.5"/><rect x="13" y="4" width="7" height="7" rx="1.5"/><rect x="4" y="13" width="7" height="7" rx="1.5"/><rect x="13" y="13" width="7" height="7" rx="1.5"/>',
    "list": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "star": '<path d="M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8z"/>',
    "door": '<path d="M10 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h4"/><path d="M15 8l4 4-4 4M19 12H9"/>',
    "gear": '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>',
    "image": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="9" cy="10" r="1.5"/><path d="M4 17l5-4 3 2.5 4-4 4.5 4.5"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3"/>',
    "other": '<path d="M14 3.5H7a1 1 0 0 0-1 1v15a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1v-12z"/><path d="M14 3.5v4h4M9 12h6M9 16h6"/>',
    "retry": '<path d="M19 12a7 7 0 1 1-2-5l2 2"/><path d="M19 4v5h-5"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "trash": '<path d="M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7"/>',
    "upload": '<path d="M12 15V4M7.5 8.5L12 4l4.5 4.5"/><path d="M4.5 15v3.5a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V15"/>',
    "video": '<rect x="3.5" y="6" width="12" height="12" rx="2"/><path d="M15.5 10.5l5-3v9l-5-3z"/>',
}  # fmt: skip


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """One of ICONS, as decoration: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308  (from the table above)
    )


@register.inclusion_tag("assets/_queue_notice.html", takes_context=True)
def queue_notice(context: template.Context) -> dict[str, object]:
    """For administrators, on every page: why nothing goes out. Looked up at most every few seconds."""
    user = context.get("user")
    if user is None or not user.is_staff:
        return {"reason": ""}
    reason = cache.get_or_set("queue-notice", lambda: activity.why_paused(timezone.now()), NOTICE_SECONDS)
    return {"reason": reason, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def result_count(listing: Listing, page: Page) -> SafeString | str:
    """How many results there are: known where they fill no page, otherwise asked for once the page is there."""
    if not page.is_first or not listing.text:
        return ""
    if page.following is None:
        count = len(page.assets)
        return format_html('<p class="soft" role="status">{} result{}</p>', count, "" if count == 1 else "s")
    return format_html(
        '<p class="soft" role="status" hx-get="{}?{}" hx-trigger="load">More than {} results</p>',
        reverse("count"),
        listing.address,
        len(page.assets),
    )


@register.simple_tag(takes_context=True)
def cards(context: template.Context) -> SafeString:
    """The entries of a page as cards or rows, and the way to the next ones."""
    listing = context["listing"]
    return _cards(
        "cards",
        assets=context["assets"],
        next=context["next"],
        layout=context["layout"],
        search=listing.address and f"?{listing.address}",
        is_selectable=True,
    )


@register.simple_tag
def card(asset: Asset, *, oob: object = False) -> SafeString:
    """One entry as a card, `oob` to take the place of the one that is there."""
    return _cards("card", asset=asset, oob=oob)


def _cards(name: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"assets/{name}.html", context, using="jinja2"))  # noqa: S308  (it escapes)


@register.filter
def day(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y")


@register.filter
def ratio(asset: Asset) -> str:
    """The class of a card by the shape of its picture: width by height, in tenths from 7 to 26."""
    file = asset.stored_file
    tenths = round(10 * file.width / file.height) if file.width and file.height else 13
    return f"r{min(max(tenths, 7), 26)}"


@register.filter
def megabytes(size: int) -> str:
    """Bytes in units of 10^3, as settings and messages count them: `812 bytes`, `34 kB`, `1.2 MB`."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    amount = f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"
    return amount.replace(".0 ", " ")


@register.filter
def format_name(asset: Asset) -> str:
    """The format as people call it: `JPEG`, `SVG`, `MP4`."""
    name = asset.stored_file.media_type.partition("/")[2]
    return name.removeprefix("x-").partition("+")[0].removeprefix("ms-").upper()
