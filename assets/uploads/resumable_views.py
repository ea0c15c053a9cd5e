"""Resumable uploads for people who have signed in: those of the upload tray."""

import uuid
from collections.abc import Callable

from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from assets.permissions import AuthHttpRequest
from assets.uploads import tus
from assets.uploads.tus_headers import VERSION, RefusedError


def resumable_uploads(request: AuthHttpRequest) -> HttpResponse:
    return _answer(lambda: tus.serve_all(request, lambda pk: reverse("resumable_upload", args=[pk])))


def resumable_upload(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _answer(lambda: tus.serve_one(request, pk))


def _answer(serve: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return serve()
    except RefusedError as refusal:
        error = {"code": refusal.code, "message": refusal.message}
        headers = {"Tus-Resumable": VERSION, "Tus-Version": VERSION}
        return JsonResponse({"error": error}, status=refusal.status, headers=headers)
