"""Taking an entry along: its URL as text, markup, data or code."""

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assets import permissions
from assets.library.snippets import Facts, Snippet, snippets
from assets.models import Asset
from assets.text.email_in_url import url_contains_email
from assets.web.responses import wants_json


@require_safe
def copy_as(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every form of an entry to copy: a page, the part of one for htmx, or JSON. None before it has its URL."""
    entry = permissions.get_asset_or_404(request, pk)
    forms = snippets_of(entry)
    url_has_email = url_contains_email(entry.stored_file.url)
    if wants_json(request):
        found = [{"name": form.name, "label": form.label, "text": form.text} for form in forms]
        return JsonResponse({"snippets": found, "url_has_email": url_has_email})
    template = "library/_copy.html" if request.headers.get("HX-Request") else "library/copy.html"
    response = render(request, template, {"asset": entry, "snippets": forms, "url_has_email": url_has_email})
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def snippets_of(asset: Asset) -> tuple[Snippet, ...]:
    file = asset.stored_file
    if not file.url:
        return ()
    facts = Facts(
        url=file.url,
        title=asset.title,
        kind=asset.kind,
        media_type=file.media_type,
        size=asset.size,
        width=file.width,
        height=file.height,
    )
    return snippets(facts)
