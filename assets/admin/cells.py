"""What the cells of lists and pages contain."""

from collections.abc import Iterable

from django.contrib.admin.utils import display_for_value
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assets.models import Asset, LinkStatus, State, StoredFile, Visibility

EMPTY = "–"
STATE_TONES = {State.STORED: "good", State.FAILED: "bad"}
LINK_TONES = {LinkStatus.VERIFIED: "good", LinkStatus.BROKEN: "bad", LinkStatus.CHANGED: "bad"}
# Everybody's, where the library says “Only me”.
VISIBILITIES = [(Visibility.TEAM, "Team"), (Visibility.PRIVATE, "Private")]


def thumbnail(stored_file: StoredFile) -> SafeString | str:
    if not stored_file.preview:
        return EMPTY
    url = reverse("admin:assets_storedfile_preview", args=[stored_file.pk])
    return format_html('<img src="{}" alt="" width="64" height="48" loading="lazy">', url)


def external_link(url: str) -> SafeString | str:
    """A link whose text is its URL, cut off by CSS if it is long."""
    if not url:
        return EMPTY
    return format_html(
        '<a class="external-link" href="{}" rel="noreferrer noopener" target="_blank" title="{}">{}</a>', url, url, url
    )


def copied_url(url: str) -> SafeString | str:
    """The end of a URL, which tells one from another, with a button that copies it and a link that opens it."""
    if not url:
        return EMPTY
    return format_html(
        '<span class="copied-url"><code title="{}">{}</code>'
        '<button type="button" data-copy="{}" aria-label="Copy URL" title="Copy URL">{}</button>'
        '<a href="{}" rel="noreferrer noopener" target="_blank" aria-label="Open URL" title="Open URL">{}</a></span>',
        url, url.rpartition("/")[2], url, _icon("copy"), url, _icon("external"),
    )  # fmt: skip


def _icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="#icon-{}" /></svg>', name)


def chip(label: str, tone: str) -> SafeString:
    """`tone`: `good`, `busy`, `bad` or `plain`."""
    return format_html('<span class="chip chip-{}">{}</span>', tone, label)


def state(stored_file: StoredFile) -> SafeString:
    return chip(stored_file.get_state_display(), STATE_TONES.get(State(stored_file.state), "busy"))


def link(stored_file: StoredFile) -> SafeString | str:
    if not stored_file.url:
        return EMPTY
    return chip(stored_file.get_link_status_display(), LINK_TONES.get(LinkStatus(stored_file.link_status), "plain"))


def visibility(asset: Asset) -> str:
    return dict(VISIBILITIES)[Visibility(asset.visibility)]


def change_page_link(row: Model, text: object = "") -> SafeString:
    """A link to the page of a row in the admin."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text or str(row))


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> SafeString | str:
    """A table, or a dash if there are no rows. Dates are shown as in lists."""
    body = [(format_html_join("", "<td>{}</td>", ((format_value(cell),) for cell in row)),) for row in rows]
    if not body:
        return EMPTY
    head = format_html_join("", '<th scope="col">{}</th>', ((heading,) for heading in headings))
    return format_html(
        '<div class="inner-table"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        format_html_join("", "<tr>{}</tr>", body),
    )


def format_value(value: object) -> str:
    """A value as lists show it: `27 Nov 2026, 16:40`, or a dash for None."""
    return display_for_value(value, EMPTY)
