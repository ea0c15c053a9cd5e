"""A stand-in for Segmind Storage on this machine: the documented API over real HTTP, for development only.

Routed with DEBUG on and no API key set. It checks headers and body as strictly as the documentation allows, keeps
what it gets under `var/sandbox/`, and answers URLs under `/sandbox/assets/`, public as Segmind's are.
"""

import mmap
import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pybase64
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

FOLDER = settings.VAR_DIR / "sandbox"
CREDITS = 1000
CHUNK = 256 * 1024  # a multiple of 4: base64 decodes it without a remainder
_START = re.compile(rb'\s*\{\s*"data_urls"\s*:\s*\[')
_DATA_URL = re.compile(rb'\s*"data:([a-z]+/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})"\s*([,\]])')
_END = re.compile(rb"\s*\}\s*\Z")
# Types whose files a browser may show from here; anything else could be made to run.
SHOWN = re.compile(r"(image/(?!svg)|video/|audio/)")


class BadBodyError(Exception):
    pass


@csrf_exempt
@login_not_required
@require_POST
def upload_asset(request: HttpRequest) -> HttpResponse:
    """`POST /upload-asset`: data URLs in, URLs out."""
    if request.headers.get("x-api-key") != settings.SEGMIND_API_KEY:
        return JsonResponse({"error": "Invalid API key"}, status=401)
    if request.headers.get("content-type") != "application/json":
        return JsonResponse({"error": "Invalid content type"}, status=406)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=FOLDER) as body:
        while chunk := request.read(CHUNK):
            body.write(chunk)
        try:
            names = list(_stored(body))
        except BadBodyError as error:
            return JsonResponse({"error": str(error)}, status=400)
    urls = [request.build_absolute_uri(f"/sandbox/assets/{name}") for name in names]
    return JsonResponse({"file_urls": urls, "message": "Files uploaded to the sandbox"})


@login_not_required
@require_safe
def credits_left(request: HttpRequest) -> HttpResponse:
    """`GET /get-user-credits`: of whoever has the key."""
    if request.headers.get("x-api-key") != settings.SEGMIND_API_KEY:
        return JsonResponse({"error": "Invalid API key"}, status=401)
    return JsonResponse({"credits": CREDITS})


def _stored(body) -> Iterator[str]:
    """Keep the files of a request body; their names. The body is mapped, not read: it may be large."""
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
            yield _decoded(mapped, found)
            at, more = found.end(), found[3] == b","
        if _END.match(mapped, at) is None:
            raise BadBodyError("The body goes on after data_urls")


def _decoded(mapped: mmap.mmap, found: re.Match) -> str:
    """Write one data URL's content to a file named by its type; the name."""
    start, end = found.span(2)
    if (end - start) % 4:
        raise BadBodyError("A data URL is not base64")
    kind = found[1].decode().replace("/", "_", 1)
    name = f"{kind}/{uuid.uuid4()}"
    target = FOLDER / name
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        for at in range(start, end, CHUNK):
            file.write(pybase64.b64decode(mapped[at : min(at + CHUNK, end)], validate=True))
    return name


@login_not_required
@require_safe
def asset(request: HttpRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """A stored file, as public as at Segmind, with headers that keep it from doing anything here."""
    target = FOLDER / Path(kind).name / str(pk)
    if not target.is_file():
        raise Http404("The sandbox has no such file.")
    media_type = kind.replace("_", "/", 1)
    is_shown = SHOWN.match(media_type) is not None
    if request.method == "HEAD":
        response = HttpResponse(content_type=media_type, headers={"Content-Length": str(target.stat().st_size)})
    else:
        response = FileResponse(target.open("rb"), content_type=media_type, as_attachment=not is_shown)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("upload-asset", upload_asset),
    path("get-user-credits", credits_left),
    path("assets/<str:kind>/<uuid:pk>", asset),
]
