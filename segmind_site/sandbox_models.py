"""The lists of models, as the sandbox plays them: the shipped models, and one that only the lists have."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from assets.catalogue.curated import FILE

ONLY_LISTED = {
    "slug": "sandbox-postcard",
    "title": "Sandbox Postcard",
    "type": "imageToImage",
    "description": "Is only in the lists, to show what a sync adds.",
    "is_depreciated": False,
    "parameters": {
        "required": ["image_url"],
        "properties": {
            "image_url": {"type": "string", "format": "uri"},
            "greeting": {"type": "string", "default": "Greetings from the sandbox"},
        },
    },
}


@login_not_required
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """`GET /inference-model-information/list`."""
    return JsonResponse({"Inference Segmind Model Information List With Details": _rows()})


@login_not_required
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """`GET /llms.txt`."""
    head = "| Model | Slug | Description | Modality |\n| --- | --- | --- | --- |\n"
    rows = (f"| {row['title']} | {row['slug']} | {row['description']} | {row['type']} |" for row in _rows())
    return HttpResponse(head + "\n".join(rows) + "\n", content_type="text/plain; charset=utf-8")


def _rows() -> list[dict[str, object]]:
    shipped = json.loads(FILE.read_text(encoding="utf-8"))["models"]
    rows = [
        {
            "slug": model["slug"],
            "title": model["title"],
            "type": f"to{model.get('output', '').title()}",
            "description": model.get("description", ""),
            "is_depreciated": False,
            "parameters": {},
        }
        for model in shipped
    ]
    return [*rows, ONLY_LISTED]


urlpatterns = [
    path("models", models),
    path("llms.txt", directory),
]
