"""Taking many entries along: their URLs, all that is known of them, their originals."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assets.bulk import zip_export
from assets.bulk.forms import SelectionForm
from assets.bulk.selection import Selection
from assets.models import Asset, Use
from assets.text.email_in_url import url_contains_email
from assets.text.formats import format_count
from assets.web.responses import address_back, answered, asset_json, refused, wants_json

COLUMNS = (
    "id", "title", "file_name", "kind", "media_type", "size", "width", "height", "duration", "state", "url",
    "link_status", "error", "owner", "tags", "collections", "visibility", "description", "created_at", "trashed_at",
    "sha256", "page",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest) -> HttpResponse:
    """The URLs of a selection: as text where a form for it is named (`as`: `lines`, `json`), otherwise to be copied."""
    form, selection = _selected(request)
    if selection is None:
        return refused(request, form)
    assets = [asset for batch in selection.batches() for asset in batch]
    stored = [asset for asset in assets if asset.stored_file.url]
    Use.objects.note(request.user, stored, timezone.now())
    urls = [asset.stored_file.url for asset in stored]
    lines, array = "\n".join(urls), json.dumps(urls, indent=2, ensure_ascii=False)
    if wants_json(request):
        return JsonResponse({"urls": urls})
    if (wanted := form.data.get("as")) in ("lines", "json"):
        return HttpResponse(lines if wanted == "lines" else array, content_type="text/plain; charset=utf-8")
    context = {
        "lines": lines,
        "array": array,
        "count": len(urls),
        "without": len(assets) - len(urls),
        "have_email": any(map(url_contains_email, urls)),
    }
    return answered(request, "copy", context | {"back": address_back(request, "library")})


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """All facts of a selection as CSV or JSON, sent while they are read."""
    if form not in EXPORTS:
        raise Http404("There is no such export.")
    selection_form, selection = _selected(request, is_bounded=False)
    if selection is None:
        return refused(request, selection_form)
    media_type, make = EXPORTS[form]
    entries = (facts(request, asset) for batch in selection.batches() for asset in batch)
    return sent(make(entries), media_type, f"assets.{form}")


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: HttpRequest) -> HttpResponseBase:
    """The originals of a selection as a ZIP."""
    form, selection = _selected(request)
    if selection is None:
        return refused(request, form)
    return sent(zip_export.pieces(_used(request, selection)), "application/zip", "assets.zip")


def ask_export(request: HttpRequest) -> HttpResponse:
    return _ask(request, "export")


def ask_download(request: HttpRequest) -> HttpResponse:
    return _ask(request, "download")


# What the form of a selection offers beside the bulk actions.
FROM_SELECTION: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "copy": copy,
    "export": ask_export,
    "download": ask_download,
}


def _ask(request: HttpRequest, what: str) -> HttpResponse:
    """Forms that send the selection on to the download itself: a dialog cannot take a file."""
    form, selection = _selected(request, is_bounded=what == "download")
    if selection is None:
        return refused(request, form)
    context = {"form": form, "count": format_count(selection.count()), "back": address_back(request, "library")}
    return answered(request, what, context)


def _selected(request: HttpRequest, *, is_bounded: bool = True) -> tuple[SelectionForm, Selection | None]:
    """The selection that is asked for; None, with the reason in the form, where there can be none."""
    form = SelectionForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return form, None
    selection = form.selection(request.user)
    try:
        if is_bounded:
            selection.pks()
    except ValidationError as error:
        form.add_error(None, error)
        return form, None
    return form, selection


def _used(request: HttpRequest, selection: Selection) -> Iterator[list[Asset]]:
    for batch in selection.batches():
        Use.objects.note(request.user, batch, timezone.now())
        yield batch


def facts(request: HttpRequest, asset: Asset) -> dict[str, Any]:
    """All that is known of an entry, for an export."""
    found = asset_json(asset)
    addresses = {name: request.build_absolute_uri(found[name]) for name in ("page", "preview") if found[name]}
    return found | addresses


def sent(pieces: Iterable[str | bytes], media_type: str, name: str) -> StreamingHttpResponse:
    """A file to be kept, sent while it is made."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(pieces, content_type=media_type, headers=headers)


# --- Formats -----------------------------------------------------------------------------------------------------


class _Line:
    """A file of one line: what is written is given back."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[dict[str, Any]], columns: Iterable[str]) -> Iterator[str]:
    """Rows as a table, a line at a time."""
    writer, names = csv.writer(_Line()), list(columns)
    yield writer.writerow(names)
    for row in rows:
        yield writer.writerow([cell(row[name]) for name in names])


def cell(value: Any) -> Any:
    """A value as a table may hold it: no program takes what people wrote for a formula."""
    if isinstance(value, list):
        value = ", ".join(value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def as_json(rows: Iterable[dict[str, Any]], name: str) -> Iterator[str]:
    """An object with the rows under that name, a row at a time."""
    yield f'{{"{name}": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}"
    yield "\n]}\n"


EXPORTS: dict[str, tuple[str, Callable[[Iterable[dict[str, Any]]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", partial(as_csv, columns=COLUMNS)),
    "json": ("application/json", partial(as_json, name="assets")),
}
