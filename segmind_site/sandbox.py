"""A local stand-in for Segmind Storage: the documented API over real HTTP, for development only.

Available if DEBUG is on and no API key is set. It checks headers and body as strictly as the documentation allows,
keeps files in `var/sandbox/`, and returns URLs under `/sandbox/assets/`, which are public as at Segmind.
"""

import mmap
import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pybase64
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import get_script_prefix, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from segmind_site import sandbox_history, sandbox_models

FOLDER = settings.VAR_DIR / "sandbox"
CREDITS = 1000
CHUNK_BYTES = 256 * 1024  # a multiple of BASE64_GROUP, so that chunks can be decoded one by one
BASE64_GROUP = 4
_START = re.compile(rb'\s*\{\s*"data_urls"\s*:\s*\[')
_DATA_URL = re.compile(rb'\s*"data:([a-z]+/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})"\s*([,\]])')
_END = re.compile(rb"\s*\}\s*\Z")
# What browsers may display; anything else could run scripts.
DISPLAYED_TYPES = re.compile(r"(image/(?!svg)|video/|audio/)")


class BadBodyError(Exception):
    """The message says what is wrong."""


@csrf_exempt
@login_not_required
@require_POST
def upload_asset(request: HttpRequest) -> HttpResponse:
    """`POST /upload-asset`: receives data URLs, returns URLs."""
    if request.headers.get("x-api-key") != settings.SEGMIND_API_KEY:
        return JsonResponse({"error": "Invalid API key"}, status=401)
    if request.headers.get("content-type") != "application/json":
        return JsonResponse({"error": "Invalid content type"}, status=406)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=FOLDER) as body:
        while chunk := request.read(CHUNK_BYTES):
            body.write(chunk)
        try:
            names = list(_store_files(body))
        except BadBodyError as error:
            return JsonResponse({"error": str(error)}, status=400)
    urls = [request.build_absolute_uri(f"{get_script_prefix()}sandbox/assets/{name}") for name in names]
    return JsonResponse({"file_urls": urls, "message": "Files uploaded to the sandbox"})


@login_not_required
@require_safe
def credits_left(request: HttpRequest) -> HttpResponse:
    """`GET /get-user-credits`."""
    if request.headers.get("x-api-key") != settings.SEGMIND_API_KEY:
        return JsonResponse({"error": "Invalid API key"}, status=401)
    return JsonResponse({"credits": CREDITS})


def _store_files(body: IO[bytes]) -> Iterator[str]:
    """Store the files of a request body; yields their names. The body may be large, so it is mapped, not read."""
    body.flush()
    if not body.tell():
        raise BadBodyError("The body is empty")
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        start = _START.match(mapped)
        if start is None:
            raise BadBodyError("data_urls is missing")
        at, more = start.end(), True
        while more:
            found = _DATA_URL.match(mapped, at)
            if found is None:
                raise BadBodyError("data_urls must be a list of data URLs")
            yield _store_file(mapped, found)
            at, more = found.end(), found[3] == b","
        if _END.match(mapped, at) is None:
            raise BadBodyError("The body goes on after data_urls")


def _store_file(mapped: mmap.mmap, data_url: re.Match[bytes]) -> str:
    """Decode one data URL to a file; returns its name, which contains the media type."""
    start, end = data_url.span(2)
    if (end - start) % BASE64_GROUP:
        raise BadBodyError("A data URL is not base64")
    kind = data_url[1].decode().replace("/", "_", 1)
    name = f"{kind}/{uuid.uuid4()}"
    target = FOLDER / name
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        for at in range(start, end, CHUNK_BYTES):
            file.write(pybase64.b64decode(mapped[at : min(at + CHUNK_BYTES, end)], validate=True))
    return name


@login_not_required
@require_safe
def asset(request: HttpRequest, kind: str, pk: uuid.UUID) -> HttpResponseBase:
    """A stored file, public as at Segmind, with headers that keep it from running scripts here."""
    target = FOLDER / Path(kind).name / str(pk)
    if not target.is_file():
        raise Http404("The sandbox has no such file.")
    media_type = kind.replace("_", "/", 1)
    is_displayed = DISPLAYED_TYPES.match(media_type) is not None
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(
            content_type=media_type, headers={"Content-Length": str(target.stat().st_size)}
        )
    else:
        response = FileResponse(target.open("rb"), content_type=media_type, as_attachment=not is_displayed)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("upload-asset", upload_asset),
    path("get-user-credits", credits_left),
    path("assets/<str:kind>/<uuid:pk>", asset),
    *sandbox_models.urlpatterns,
    path("request-history", sandbox_history.request_history),
    path("outputs/<int:number>/<int:part>.png", sandbox_history.output),
]
