"""What people without an account see of a share. Every answer looks at the share again.

A link that is unknown, expired, revoked or closed gets the same page, so that nobody learns which of them it is. The
pages are rendered without the request: nothing in them comes from a session.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.backends.utils import csrf_input
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.http import quote_etag
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from assets.bulk.zip_export import write_zip
from assets.library.file_views import original_response, preview_response
from assets.media.rows import INLINE_TYPES
from assets.models import Asset, Share
from assets.shares import access, visits
from assets.shares.contents import Contents
from assets.shares.forms import PasswordForm
from assets.shares.links import make_token
from assets.text.email_in_url import url_contains_email
from assets.text.formats import format_count
from assets.web.client_ip import client_ip
from assets.web.responses import stream_download

View = Callable[..., HttpResponseBase]
NOT_FOUND = HTTPStatus.NOT_FOUND.value


def of_a_share(view: View) -> View:
    """The view of an open share, for everybody who has its link and, where it has one, its password."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        share = access.find_open(token, timezone.now())
        if share is None:
            return _keep_secret(_refuse())
        if not visits.is_unlocked(request, share) and view is not _shared:
            return _keep_secret(redirect("shared", token))
        return _keep_secret(view(request, share, **kwargs))

    return answer


def _keep_secret(response: HttpResponseBase) -> HttpResponseBase:
    """No search engine lists the address, and no other site is told of it."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _refuse() -> HttpResponse:
    return HttpResponse(render_to_string("shares/gone.html"), status=NOT_FOUND)


def _path(share: Share) -> str:
    return reverse("shared", args=[make_token(share)])


# --- Pages -------------------------------------------------------------------------------------------------------


def _shared(request: HttpRequest, share: Share) -> HttpResponse:
    if not visits.is_unlocked(request, share):
        return _ask_password(request, share)
    response = HttpResponse(render_to_string("shares/shared.html", _page_context(request, share)))
    visits.count_view(request, response, share, timezone.now())
    return response


def _page_context(request: HttpRequest, share: Share) -> dict[str, object]:
    contents, after = Contents(share), request.GET.get("after", "")
    assets, following = contents.page(after)
    return {
        "share": share,
        "path": _path(share),
        "assets": assets,
        "next": following,
        "is_first": not after,
        "is_whole": not after and not following,
        "count": format_count(contents.count()),
        "urls": [url for asset in assets if share.shows_urls and (url := get_url(asset))],
        # The moment itself is part of the next one, where it is the end of a day.
        "last_moment": share.expires_at and share.expires_at - timedelta(microseconds=1),
    }


shared = sensitive_post_parameters("password")(require_http_methods(["GET", "HEAD", "POST"])(of_a_share(_shared)))


def _ask_password(request: HttpRequest, share: Share) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = PasswordForm(data, share=share, client_ip=client_ip(request) or "")
    if form.is_valid():
        response: HttpResponse = redirect(_path(share))
        visits.unlock(request, response, share)
        return response
    response = HttpResponse(render_to_string("shares/locked.html", {"form": form, "csrf_input": csrf_input(request)}))
    if form.has_error("password", "wait"):
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    # Without an origin, Django takes the form for one of another site.
    response["Referrer-Policy"] = "same-origin"
    return response


@require_safe
@of_a_share
def shared_asset(request: HttpRequest, share: Share, pk: uuid.UUID) -> HttpResponse:
    if not (asset := Contents(share).get(pk)):
        return _refuse()
    path, file = _path(share), asset.stored_file
    context = {
        "share": share,
        "path": path,
        "page": f"{path}{asset.pk}/",
        "asset": asset,
        "plays": share.allows_downloads and file.original and file.media_type in INLINE_TYPES,
        "segmind_url": get_url(asset) if share.shows_urls else "",
    }
    return HttpResponse(render_to_string("shares/shared_asset.html", context))


# --- Files -------------------------------------------------------------------------------------------------------


@require_safe
@of_a_share
def shared_preview(request: HttpRequest, share: Share, pk: uuid.UUID) -> HttpResponseBase:
    asset = Contents(share).get(pk)
    if asset is None or not asset.stored_file.preview:
        return _refuse()
    return _send(request, f"{asset.stored_file.preview.name}", lambda: preview_response(asset.stored_file))


@require_safe
@of_a_share
def shared_original(request: HttpRequest, share: Share, pk: uuid.UUID) -> HttpResponseBase:
    asset = Contents(share).get(pk) if share.allows_downloads else None
    if asset is None or not asset.stored_file.original:
        return _refuse()
    return _send(request, asset.stored_file.sha256, lambda: original_response(request, asset))


def _send(request: HttpRequest, version: str, open_file: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """A browser may keep the file, but has to ask before it shows it again: the share may have ended."""
    # The name of a preview is the hash of the original, which is nobody else's business.
    etag = quote_etag(salted_hmac("assets.shares.etag", version).hexdigest()[:16])
    try:
        response = get_conditional_response(request, etag=etag) or open_file()
    except Http404:
        return _refuse()
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response


@require_safe
@of_a_share
def shared_download(request: HttpRequest, share: Share) -> HttpResponseBase:
    """All originals as a ZIP file."""
    if not share.allows_downloads:
        return _refuse()
    chunks = write_zip(Contents(share).batches(), with_urls=False)
    return stream_download(chunks, "application/zip", "assets.zip")


@require_safe
@of_a_share
def shared_urls(request: HttpRequest, share: Share) -> HttpResponseBase:
    """All URLs that the share shows, one on each line."""
    if not share.shows_urls:
        return _refuse()
    urls = (get_url(asset) for batch in Contents(share).batches() for asset in batch)
    return StreamingHttpResponse((f"{url}\n" for url in urls if url), content_type="text/plain; charset=utf-8")


def get_url(asset: Asset) -> str:
    """Its Segmind URL, unless that contains the e-mail address of the account."""
    url = asset.stored_file.url
    return "" if url_contains_email(url) else url
