"""`Idempotency-Key`: a POST that is sent again with the same key gets the first answer again, for a day."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from assets.api.problems import ProblemError
from assets.models import KeptAnswer, PersonalToken
from assets.models.idempotency import KEY_LENGTH
from assets.uploads.handler import FormHandler

FORM = "multipart/form-data"
READABLE = ("", "application/json", FORM)
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Undo-Id")
# These say nothing of the request itself: the next one may be carried out.
NOT_KEPT = (401, 403, 409, 411, 413, 429)
FIRST_SERVER_ERROR = 500
Run = Callable[..., HttpResponseBase]

BAD_KEY = f"An Idempotency-Key has 1 to {KEY_LENGTH} characters."
IN_PROGRESS = "A request with this Idempotency-Key is in progress. Wait for it, then send this one again."
OTHER_BODY = "This Idempotency-Key was used for another request. Use a new one for each."


def idempotent(run: Run) -> Run:
    @wraps(run)
    def run_once(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        key, token = request.headers.get("Idempotency-Key"), getattr(request, "token", None)
        if request.method != "POST" or key is None or token is None or request.content_type not in READABLE:
            return run(request, **arguments)
        if not 0 < len(key) <= KEY_LENGTH:
            return ProblemError(422, BAD_KEY).as_response()
        return _run_once(request, token, key, lambda: run(request, **arguments))

    return run_once


def _run_once(
    request: HttpRequest, token: PersonalToken, key: str, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    kept, is_new = KeptAnswer.objects.claim(token, key, timezone.now())
    if not is_new:
        return _repeat(request, kept)
    try:
        response = run()
        _keep(request, kept, response)
    finally:
        if kept.status is None:
            kept.delete()
    return response


def _keep(request: HttpRequest, kept: KeptAnswer, response: HttpResponseBase) -> None:
    status = response.status_code
    if status >= FIRST_SERVER_ERROR or status in NOT_KEPT or not isinstance(response, HttpResponse):
        return
    if response.get("Cache-Control") == "no-store":  # it has a secret
        return
    kept.fingerprint = _fingerprint(request)
    kept.status, kept.body = status, response.content.decode()
    kept.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    kept.save(update_fields=["fingerprint", "status", "body", "headers"])


def _repeat(request: HttpRequest, kept: KeptAnswer) -> HttpResponse:
    if kept.status is None:
        return ProblemError(409, IN_PROGRESS, code="in_progress", headers={"Retry-After": "1"}).as_response()
    if kept.fingerprint != _fingerprint(request):
        return ProblemError(422, OTHER_BODY, code="key_reused").as_response()
    return HttpResponse(kept.body, status=kept.status, headers=kept.headers | {"Idempotency-Replayed": "true"})


def _fingerprint(request: HttpRequest) -> str:
    """The same for the same request. Every client separates the parts of the same form by another boundary."""
    body = _describe_form(request) if request.content_type == FORM else request.body
    return hashlib.sha256(request.get_full_path().encode() + b"\n" + body).hexdigest()


def _describe_form(request: HttpRequest) -> bytes:
    if not hasattr(request, "_files"):
        request.upload_handlers = [FormHandler(request, before_first_file=lambda fields: None)]
    # `HashedFile`s, which know their hash.
    files = [
        (name, file.name, getattr(file, "sha256", "")) for name, several in request.FILES.lists() for file in several
    ]
    return json.dumps([sorted(request.POST.lists()), sorted(files)]).encode()
