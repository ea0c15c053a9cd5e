"""What stands in the cells of lists and pages."""

from collections.abc import Iterable

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assets.models import Asset, StoredFile, Visibility

NOTHING = "–"


def thumbnail(stored_file: StoredFile) -> SafeString | str:
    if not stored_file.preview:
        return NOTHING
    address = reverse("admin:assets_storedfile_preview", args=[stored_file.pk])
    return format_html('<img src="{}" alt="" width="64" height="48" loading="lazy">', address)


def link(url: str) -> SafeString | str:
    """A URL, as far as there is room for it, that leads there."""
    if not url:
        return NOTHING
    return format_html(
        '<a class="external-link" href="{}" rel="noreferrer noopener" target="_blank" title="{}">{}</a>', url, url, url
    )


def seen_by(asset: Asset) -> str:
    return "the team" if asset.visibility == Visibility.TEAM else "the owner alone"


def page_of(row: Model, text: str = "") -> SafeString:
    """A link to the page of a row in the administration."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text or str(row))


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> SafeString | str:
    """Rows as a table; a dash where there is none."""
    body = [(format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows]
    if not body:
        return NOTHING
    head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in heads))
    return format_html(
        '<div class="inner-table"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        format_html_join("", "<tr>{}</tr>", body),
    )
