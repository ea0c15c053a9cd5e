"""The quick look at an asset over a list, and the pages of a PDF."""

import uuid
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assets import permissions
from assets.library.detail_views import describe_file
from assets.library.file_views import secure
from assets.models import StoredFile, page_queries
from assets.permissions import AuthHttpRequest
from assets.previews import pages
from assets.previews.limited_process import BusyError
from assets.previews.makers import NoPreviewError

BUSY = "The server is busy rendering other pages. Try again in a moment."


@require_safe
def look(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the quick look shows of an asset. The query names the list, as in the links of cards."""
    asset = permissions.get_asset_or_404(request, pk)
    card = page_queries.cards_by_id(request.user, [pk])[pk]
    asset.owner_name = card.owner
    context = {
        **describe_file(request, asset),
        "card": card,
        "labels": page_queries.asset_labels(request.user, asset),
        "query": f"?{query}" if (query := request.GET.urlencode()) else "",
    }
    return render(request, "library/_look.html", context)


@require_safe
@cache_control(private=True, max_age=86400)
def page_list(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The pages of a PDF, which browsers load as they come into sight."""
    asset = permissions.get_asset_or_404(request, pk)
    try:
        sizes = pages.read_sizes(_get_pdf_or_404(asset.stored_file))
    except NoPreviewError as error:
        raise Http404(str(error)) from None
    except BusyError:
        return HttpResponse(BUSY, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return render(request, "library/_pages.html", {"asset": asset, "sizes": sizes})


@require_safe
@cache_control(private=True, max_age=86400)
def page_picture(request: AuthHttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    stored_file = _get_pdf_or_404(permissions.get_asset_or_404(request, pk).stored_file)
    try:
        picture = pages.render_page(stored_file, number)
    except NoPreviewError as error:
        raise Http404(str(error)) from None
    except BusyError:
        return HttpResponse(BUSY, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return secure(HttpResponse(picture, content_type="image/webp"))


def _get_pdf_or_404(stored_file: StoredFile) -> StoredFile:
    if not pages.have_pages(stored_file):
        raise Http404("This file has no pages to show.")
    return stored_file
