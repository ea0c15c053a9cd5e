"""Copying, exporting and downloading what is selected."""

import json
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assets.bulk.export import FORMATS, asset_row
from assets.bulk.forms import SelectionForm
from assets.bulk.selection import Selection
from assets.bulk.zip_export import write_zip
from assets.models import Asset, Use
from assets.permissions import AuthHttpRequest
from assets.text.email_in_url import url_contains_email
from assets.text.formats import format_count
from assets.web.responses import render_dialog, render_refusal, return_url, stream_download, wants_json


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: AuthHttpRequest) -> HttpResponse:
    """The URLs of a selection: plain text where `as` asks for it (`lines`, `json`), otherwise a page to copy from."""
    if request.method != "POST" and not request.GET:
        return redirect("library")  # the address alone, as from the history
    form, selection = get_selection(request)
    if selection is None:
        return render_refusal(request, form)
    assets = [asset for batch in selection.batches() for asset in batch]
    stored = [asset for asset in assets if asset.stored_file.url]
    Use.objects.record(request.user, stored, timezone.now())
    urls = [asset.stored_file.url for asset in stored]
    lines, array = "\n".join(urls), json.dumps(urls, indent=2, ensure_ascii=False)
    if wants_json(request):
        return JsonResponse({"urls": urls})
    if (text_format := form.data.get("as")) in ("lines", "json"):
        return HttpResponse(lines if text_format == "lines" else array, content_type="text/plain; charset=utf-8")
    context = {
        "lines": lines,
        "array": array,
        "count": len(urls),
        "without": len(assets) - len(urls),
        "have_email": any(map(url_contains_email, urls)),
    }
    return render_dialog(request, "bulk/_copy.html", context | {"return_url": return_url(request, "library")})


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: AuthHttpRequest, form: str) -> HttpResponseBase:
    """Everything known about the selected assets as CSV or JSON, sent while it is read."""
    if form not in FORMATS:
        raise Http404("There is no such export.")
    selection_form, selection = get_selection(request, is_limited=False)
    if selection is None:
        return render_refusal(request, selection_form)
    media_type, write = FORMATS[form]
    rows = (asset_row(request, asset) for batch in selection.batches() for asset in batch)
    return stream_download(write(rows), media_type, f"assets.{form}")


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: AuthHttpRequest) -> HttpResponseBase:
    """The originals of a selection as a ZIP file."""
    form, selection = get_selection(request)
    if selection is None:
        return render_refusal(request, form)
    return stream_download(write_zip(_batches_with_use(request, selection)), "application/zip", "assets.zip")


def _batches_with_use(request: AuthHttpRequest, selection: Selection) -> Iterator[list[Asset]]:
    for batch in selection.batches():
        Use.objects.record(request.user, batch, timezone.now())
        yield batch


def confirm_export(request: AuthHttpRequest) -> HttpResponse:
    return _confirm(request, "export", is_limited=False)


def confirm_download(request: AuthHttpRequest) -> HttpResponse:
    return _confirm(request, "download")


def _confirm(request: AuthHttpRequest, name: str, *, is_limited: bool = True) -> HttpResponse:
    """A form that sends the selection on to the download: a dialog cannot receive a file."""
    form, selection = get_selection(request, is_limited=is_limited)
    if selection is None:
        return render_refusal(request, form)
    context = {"form": form, "count": format_count(selection.count()), "return_url": return_url(request, "library")}
    return render_dialog(request, f"bulk/_{name}.html", context)


def get_selection(request: AuthHttpRequest, *, is_limited: bool = True) -> tuple[SelectionForm, Selection | None]:
    """None, with the reason in the form, where nothing is selected or (`is_limited`) too much for one go."""
    form = SelectionForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return form, None
    selection = form.selection(request.user)
    try:
        if is_limited:
            selection.pks()
    except ValidationError as error:
        form.add_error(None, error)
        return form, None
    return form, selection
