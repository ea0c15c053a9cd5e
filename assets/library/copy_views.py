import uuid
from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assets import permissions
from assets.catalogue.works_with import works_with
from assets.library.snippets import AssetData, Snippet, build_snippets
from assets.models import Asset
from assets.permissions import AuthHttpRequest
from assets.ready_requests.example import write_calls
from assets.text.email_in_url import url_contains_email
from assets.web.responses import wants_json


@require_safe
def copy_as(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The snippets of an asset as a page, a fragment or JSON. There are none before it has its URL."""
    asset = permissions.get_asset_or_404(request, pk)
    url_has_email = url_contains_email(asset.stored_file.url)
    if wants_json(request):
        snippets = [asdict(snippet) for snippet in all_snippets_for(asset)]
        return JsonResponse({"snippets": snippets, "url_has_email": url_has_email})
    template = "library/_copy.html" if request.headers.get("HX-Request") else "library/copy.html"
    context = {
        "asset": asset,
        "snippets": snippets_for(asset),
        "works_with": works_with(asset),
        "url_has_email": url_has_email,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def all_snippets_for(asset: Asset) -> tuple[Snippet, ...]:
    """With the code that calls a model. There are none before the asset has its URL."""
    if not asset.stored_file.url:
        return ()
    calls = [Snippet(each.name, each.label, text) for each, text in write_calls(asset)]
    return (*snippets_for(asset), *calls)


def snippets_for(asset: Asset) -> tuple[Snippet, ...]:
    file = asset.stored_file
    if not file.url:
        return ()
    data = AssetData(
        url=file.url,
        title=asset.title,
        kind=asset.kind,
        media_type=file.media_type,
        size=asset.size,
        width=file.width,
        height=file.height,
    )
    return build_snippets(data)
