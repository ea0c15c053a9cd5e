import uuid
from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assets import permissions
from assets.library.snippets import AssetData, Snippet, build_snippets
from assets.models import Asset
from assets.permissions import AuthHttpRequest
from assets.text.email_in_url import url_contains_email
from assets.web.responses import wants_json


@require_safe
def copy_as(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The snippets of an asset as a page, a fragment or JSON. There are none before it has its URL."""
    asset = permissions.get_asset_or_404(request, pk)
    snippets = snippets_for(asset)
    url_has_email = url_contains_email(asset.stored_file.url)
    if wants_json(request):
        return JsonResponse({"snippets": [asdict(snippet) for snippet in snippets], "url_has_email": url_has_email})
    template = "library/_copy.html" if request.headers.get("HX-Request") else "library/copy.html"
    response = render(request, template, {"asset": asset, "snippets": snippets, "url_has_email": url_has_email})
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


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
