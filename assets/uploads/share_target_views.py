"""The library in the share menu of a phone, where it is installed as an app (see the manifest).

Such a request has a session but no token, and any other site could send the same. So nothing is taken from it here: a
service worker of ours keeps the files in the browser until the upload page sends them, with a token, like all others.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

WORKER = settings.BASE_DIR / "static" / "js" / "upload" / "share-worker.js"


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest) -> HttpResponse:
    """Reads nothing: it is asked only before the browser has the service worker, which the upload page installs."""
    if request.method == "POST":
        messages.warning(request, "The shared files did not arrive. Share them once more.")
    return redirect("upload")


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script of the service worker. Its own address limits what it sees to the address of `shared()`."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})
