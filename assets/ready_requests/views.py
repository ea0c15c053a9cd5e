"""A request to a model with assets, ready to copy. Nothing here runs a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST

from assets.catalogue import store
from assets.catalogue.specs import ModelSpec
from assets.models import Use
from assets.permissions import AuthHttpRequest
from assets.ready_requests.call import Version
from assets.ready_requests.formats import FORMATS, write_all
from assets.ready_requests.forms import ParametersForm
from assets.ready_requests.prepare import MAX_ASSETS, ReadyRequest, find_assets, prepare
from assets.web.responses import MissingError, wants_json


@dataclass(frozen=True)
class Asked:
    """Assets and the inputs asked for, in one order."""

    pks: Sequence[UUID]
    inputs: Sequence[str]


@require_http_methods(["GET", "HEAD", "POST"])
def ready_request(request: AuthHttpRequest, slug: str) -> HttpResponse:
    """As a page, a fragment or JSON. POST, with the same fields, changes nothing: a prompt is not for an address."""
    spec = get_spec_or_404(slug)
    data = request.POST if request.method == "POST" else request.GET
    asked = _read_asked(data)
    form = ParametersForm(spec, data.dict())
    assets = find_assets(request.user, asked.pks)
    ready = prepare(spec, assets, asked.inputs, values=form.values, version=read_version(data.get("version", "")))
    if wants_json(request):
        return _answer_program(ready)
    template = "_request.html" if "HX-Request" in request.headers else "request.html"
    context = {
        "ready": ready,
        "form": form,
        "formats": FORMATS.values(),
        "texts": {} if ready.troubles else write_all(ready.call),
        "chosen_format": data.get("format") if data.get("format") in FORMATS else next(iter(FORMATS)),
        "max_assets": MAX_ASSETS,
    }
    response = render(request, f"ready_requests/{template}", context)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


@require_POST
def record_copy(request: AuthHttpRequest, slug: str) -> HttpResponse:
    """That a request was copied: its model and its assets have been used."""
    get_spec_or_404(slug)
    assets = find_assets(request.user, _read_asked(request.POST).pks)
    store.record_use(slug)
    Use.objects.record(request.user, assets, timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def get_spec_or_404(slug: str) -> ModelSpec:
    if spec := store.find_model(slug):
        return spec
    raise MissingError("The catalogue has no such model.")


def read_version(text: str) -> Version:
    return cast(Version, text) if text in ("v1", "v2") else "v2"


def _read_asked(data: QueryDict) -> Asked:
    texts, inputs = data.getlist("id"), data.getlist("input")
    if len(inputs) == 1:
        inputs *= len(texts)
    inputs += [""] * (len(texts) - len(inputs))
    try:
        by_pk = dict(reversed([(UUID(text), name) for text, name in zip(texts, inputs, strict=False)]))
    except ValueError:
        raise MissingError("One of the assets has an invalid id. Select them again.") from None
    if len(by_pk) > MAX_ASSETS:
        raise MissingError(f"A request can have {MAX_ASSETS} assets. For more, use a script that sends one each.")
    pairs = _move(list(reversed(by_pk.items())), data.get("move", ""))
    return Asked([pk for pk, _ in pairs], [name for _, name in pairs])


def _move(pairs: list[tuple[UUID, str]], text: str) -> list[tuple[UUID, str]]:
    """`2:up` moves the third one up."""
    place, _, way = text.partition(":")
    at = int(place) if place.isdecimal() and place.isascii() else -1
    other = at - 1 if way == "up" else at + 1
    if 0 <= at < len(pairs) and 0 <= other < len(pairs):
        pairs[at], pairs[other] = pairs[other], pairs[at]
    return pairs


def _answer_program(ready: ReadyRequest) -> JsonResponse:
    if ready.troubles:
        error = {"code": "not_ready", "message": " ".join(ready.troubles)}
        return JsonResponse({"error": error}, status=HTTPStatus.CONFLICT)
    return JsonResponse(request_json(ready))


def request_json(ready: ReadyRequest, formats: Sequence[str] = ()) -> dict[str, object]:
    """With the texts of these formats, or of all."""
    chosen = [each for each in FORMATS.values() if not formats or each.name in formats]
    return {
        "model": ready.spec.slug,
        "version": ready.version,
        "body": ready.body.fields,
        "blanks": ready.body.blanks,
        "remarks": ready.remarks,
        "url_has_email": ready.url_has_email,
        "assets": [
            {
                "id": str(place.asset.pk),
                "title": place.asset.title,
                "input": place.input or None,
                "number": place.number or None,
                "outcome": place.verdict.outcome if place.verdict else None,
                "reasons": place.verdict.reasons if place.verdict else (),
            }
            for place in ready.places
        ],
        "texts": [{"name": each.name, "label": each.label, "text": each.write(ready.call)} for each in chosen],
    }
