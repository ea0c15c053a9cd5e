import functools
import re
from collections.abc import Iterable
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

from assets import permissions
from assets.delivery.status import get_pause_reason
from assets.models import Asset, Preferences
from assets.models.cards import Card
from assets.search.menus import Menu, search_address
from assets.search.results import Listing, Page, results

register = template.Library()
register.simple_tag(search_address)

NOTICE_SECONDS = 5
# Outlines on a grid of 24 by 24, drawn with a line of 1.75.
# ruff: noqa: E501
ICONS = {
    "activity": '<path d="M3.5 12H7l3-7 4 14 3-7h3.5"/>',
    "audio": '<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>',
    "camera": '<path d="M4 8h3.5l1.5-2.5h6L16.5 8H20a.5.5 0 0 1 .5.5V18a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V8.5A.5.5 0 0 1 4 8z"/><circle cx="12" cy="13" r="3.5"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "copy": '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1"/>',
    "grid": '<rect x="4" y="4" width="7" height="7" rx="1.5"/><rect x="13" y="4" width="7" height="7" rx="1.5"/><rect x="4" y="13" width="7" height="7" rx="1.5"/><rect x="13" y="13" width="7" height="7" rx="1.5"/>',
    "list": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "star": '<path d="M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8z"/>',
    "folder": '<path d="M3.5 18V6.5a1 1 0 0 1 1-1H9l2 2.5h8.5a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1z"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.7.4-1.1.9-1.1 1.7M12 16.5v.1"/>',
    "tag": '<path d="M4 4.5h7l8.5 8.5-6.5 6.5L4.5 11z"/><circle cx="8.5" cy="8.5" r="1"/>',
    "door": '<path d="M10 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h4"/><path d="M15 8l4 4-4 4M19 12H9"/>',
    "gear": '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>',
    "image": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="9" cy="10" r="1.5"/><path d="M4 17l5-4 3 2.5 4-4 4.5 4.5"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3"/>',
    "other": '<path d="M14 3.5H7a1 1 0 0 0-1 1v15a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1v-12z"/><path d="M14 3.5v4h4M9 12h6M9 16h6"/>',
    "pencil": '<path d="M5 19l.8-3.8L15.5 5.5l3 3L8.8 18.2z"/><path d="M13.5 7.5l3 3"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "down": '<path d="M6 9.5l6 6 6-6"/>',
    "left": '<path d="M14.5 6l-6 6 6 6"/>',
    "link": '<path d="M10 14a4 4 0 0 0 6 .5l2.5-2.5a4 4 0 0 0-5.7-5.7L11.5 7.5M14 10a4 4 0 0 0-6-.5L5.5 12a4 4 0 0 0 5.7 5.7l1.3-1.2"/>',
    "minus": '<path d="M6 12h12"/>',
    "people": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.9c2 .7 3.2 2.3 3.5 4.6"/>',
    "plus": '<path d="M6 12h12M12 6v12"/>',
    "send": '<path d="M20 4L10.5 13.5M20 4l-5.5 16-4-6.5L4 9.5z"/>',
    "up": '<path d="M6 14.5l6-6 6 6"/>',
    "retry": '<path d="M19 12a7 7 0 1 1-2-5l2 2"/><path d="M19 4v5h-5"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "stop": '<circle cx="12" cy="12" r="8.5"/><path d="M9 9l6 6M15 9l-6 6"/>',
    "trash": '<path d="M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7"/>',
    "upload": '<path d="M12 15V4M7.5 8.5L12 4l4.5 4.5"/><path d="M4.5 15v3.5a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V15"/>',
    "video": '<rect x="3.5" y="6" width="12" height="12" rx="2"/><path d="M15.5 10.5l5-3v9l-5-3z"/>',
}  # fmt: skip
# Those of every card: a page draws them once, and each card refers to that.
SHARED_ICONS = {name: mark_safe(ICONS[name]) for name in ("copy", "star")}  # noqa: S308  (from the table above)


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """One of ICONS, as decoration: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308  (from the table above)
    )


@functools.cache
def shared_icon(name: str) -> SafeString:
    """One of SHARED_ICONS."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>', name)


@register.simple_tag(takes_context=True)
def queue_notice(context: Any) -> SafeString | str:
    """For those who manage the library, on every page: why nothing goes out. Looked up at most every few seconds."""
    request = context["request"]
    if not permissions.may_manage(request.user):
        return ""
    reason = cache.get_or_set("queue-notice", lambda: get_pause_reason(timezone.now()), NOTICE_SECONDS)
    return render_to_string("assets/_queue_notice.html", {"reason": reason}, request) if reason else ""


@register.simple_tag(takes_context=True)
def address_notice(context: Any) -> SafeString | str:
    """What a person is told, once, before a URL with an e-mail address is copied."""
    user = context["request"].user
    is_known = not user.is_authenticated or Preferences.of(user).knows_of_addresses
    return "" if is_known else render_to_string("_address_notice.html")


def result_count(listing: Listing, page: Page) -> SafeString | str:
    """How many results there are: known where they fill no page, otherwise asked for once the page is there."""
    if not page.is_first or not listing.text:
        return ""
    if page.following is None:
        return format_html('<p class="count" role="status">{}</p>', results(len(page.rows)))
    return format_html(
        '<p class="count" role="status" hx-get="{}?{}" hx-trigger="load">More than {} results</p>',
        reverse("count"),
        listing.address,
        len(page.rows),
    )


@register.simple_block_tag
def part(content: str) -> str:
    """A part of a page, to be put in its place by another template."""
    return mark_safe(content.strip())  # noqa: S308  (it is rendered)


@register.simple_tag(takes_context=True)
def jinja(context: template.Context, name: str, **changed: Any) -> SafeString:
    """A template of Jinja's, with all that this one knows."""
    shown: Any = context.flatten() | changed
    return mark_safe(render_to_string(f"assets/{name}.html", shown, context["request"], using="jinja2"))  # noqa: S308


@register.simple_tag(takes_context=True)
def refreshed(context: template.Context) -> SafeString:
    """The cards or rows of a page that have changed, to take the place of those that are there."""
    layout = context.get("layout")
    changed = _listed(context["cards"], layout, context.get("listing"), is_refreshed=True)
    if layout == "list":
        # A row by itself is no HTML.
        changed = [format_html("<template>{}</template>", row) for row in changed]
    return mark_safe("".join(changed))  # noqa: S308  (of what is safe)


@register.simple_tag
def card(asset: Asset) -> SafeString:
    """One entry as a card by itself."""
    return _card(Card.of(asset), "card", is_listed=False)


@functools.lru_cache(maxsize=500)
def filter_menus(menus: tuple[Menu, ...]) -> SafeString:
    return _jinja("menus", menus=menus)


def listed(cards: Iterable[Card], layout: str | None, listing: Listing | None) -> SafeString:
    """The entries of a page as cards or rows."""
    return mark_safe("\n".join(_listed(cards, layout, listing)))  # noqa: S308  (of what is safe)


def _listed(
    cards: Iterable[Card], layout: str | None, listing: Listing | None, *, is_refreshed: bool = False
) -> list[SafeString]:
    """In a list an entry can be selected, and leads to its neighbours there."""
    name = "row" if layout == "list" else "card"
    search = f"?{listing.address}" if listing and listing.address else ""
    return [
        _card(card, name, is_listed=listing is not None, search=search, is_refreshed=is_refreshed) for card in cards
    ]


@functools.lru_cache(maxsize=4000)
def _card(card: Card, name: str, *, is_listed: bool, search: str = "", is_refreshed: bool = False) -> SafeString:
    """Depends on nothing but what it is given, so that the cards of a page that is seen again are there already."""
    html = _jinja(name, card=card, is_listed=is_listed, search=search, is_refreshed=is_refreshed)
    return mark_safe(re.sub(r"\n\s+", "\n", html))  # noqa: S308  (as it was, without its indentation)


def _jinja(name: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"assets/{name}.html", context, using="jinja2"))  # noqa: S308  (it escapes)


@register.filter
def day(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y")


def shape(card: Card) -> str:
    """The classes of a card by the shape of its picture: width by height in tenths, as far as a row can show it."""
    if not card.width or not card.height:
        return "r13 card-whole"
    tenths = round(10 * card.width / card.height)
    return f"r{tenths}" if 8 <= tenths <= 26 else f"r{min(max(tenths, 8), 26)} card-whole"


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
def playing_time(seconds: float) -> str:
    """A duration as players show it: `0:07`, `3:20`, `1:02:00`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def format_name(media_type: str) -> str:
    """A format as people call it: `JPEG`, `SVG`, `MP4`."""
    name = media_type.partition("/")[2]
    return name.removeprefix("x-").partition("+")[0].removeprefix("ms-").upper()
