"""The sandbox's history of generations: runs that somebody might have made with what is stored in the sandbox.

They depend on the time alone, and outputs are drawn when they are asked for, until they expire.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import get_script_prefix
from django.utils.timezone import now
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw

EVERY = timedelta(hours=7)
LIFETIME = timedelta(days=7)
MODELS = ("nano-banana-2", "seedream-5-lite", "qwen-image-edit")
PROMPTS = (
    "The harbour at dawn, long exposure, calm water",
    "The same harbour under snow, warm light in one window",
    "A poster of the harbour in three colours",
)
COLOURS = ("#0f766e", "#9a3412", "#4338ca", "#a16207")
MAX_INPUTS = 2
SIZE = (960, 640)


@login_not_required
@require_safe
def request_history(request: HttpRequest) -> HttpResponse:
    """`GET /request-history`, as the official SDK asks."""
    if request.headers.get("x-api-key") != settings.SEGMIND_API_KEY:
        return JsonResponse({"error": "Invalid API key"}, status=401)
    try:
        first, last = (datetime.fromisoformat(request.GET[name]).date() for name in ("from_date", "to_date"))
        page, size = int(request.GET["page"]), int(request.GET["per_page"])
    except (KeyError, ValueError):
        return JsonResponse({"error": "The window is not valid"}, status=400)
    rows = [row for number, at in _list_runs() if first <= at.date() <= last for row in _make_rows(request, number, at)]
    start = (page - 1) * size
    return JsonResponse({"data": rows[start : start + size], "page": page, "total": len(rows)})


@login_not_required
@require_safe
def output(request: HttpRequest, number: int, part: int) -> HttpResponse:
    """A drawing, public as at Segmind, for seven days."""
    if not now() - LIFETIME < _made_at(number) <= now():
        raise Http404("The sandbox has deleted this output.")
    image = Image.new("RGB", SIZE, COLOURS[(number + part) % len(COLOURS)])
    draw = ImageDraw.Draw(image)
    for ring in range(9, 0, -1):
        radius = ring * 40 + (number * 7 + part * 31) % 40
        draw.ellipse((480 - radius, 320 - radius, 480 + radius, 320 + radius), outline="white", width=3)
    draw.text((24, 24), f"Output {part} of run {number}", fill="white", font_size=40)
    content = io.BytesIO()
    image.save(content, "PNG")
    return HttpResponse(content.getvalue(), content_type="image/png")


def _list_runs() -> Iterator[tuple[int, datetime]]:
    """Of the last ten days, oldest first."""
    latest = int(now().timestamp() // EVERY.total_seconds())
    for number in range(latest - int(timedelta(days=10) / EVERY), latest + 1):
        yield number, _made_at(number)


def _made_at(number: int) -> datetime:
    return datetime.fromtimestamp(number * EVERY.total_seconds(), UTC)


def _make_rows(request: HttpRequest, number: int, at: datetime) -> Iterator[dict[str, object]]:
    has_failed = number % 11 == 0
    row: dict[str, object] = {
        "request_id": f"sandbox-{number}",
        "model_name": MODELS[number % len(MODELS)],
        "model_status": "FAILED" if has_failed else "COMPLETED",
        "credits_deduction": 0 if has_failed else 0.039 + number % 4 / 50,
        "request_body": {
            "prompt": PROMPTS[number % len(PROMPTS)],
            "image_urls": _find_inputs(request, number),
            "seed": number,
        },
        "latency_ms": 4000 + number % 9 * 700,
        "model_created": at.isoformat(),
        "error": "The prompt was refused." if has_failed else None,
    }
    base = request.build_absolute_uri(f"{get_script_prefix()}sandbox/outputs/{number}")
    for part in range(1, number % 2 + 2):
        yield row | {"generation_url": None if has_failed else f"{base}/{part}.png"}


def _find_inputs(request: HttpRequest, number: int) -> list[str]:
    """Pictures of the sandbox, two for each run."""
    folder = Path(settings.VAR_DIR, "sandbox")
    files = sorted(folder.glob("image_*/*"))
    chosen = [files[(number * 5 + place * 3) % len(files)] for place in range(min(MAX_INPUTS, len(files)))]
    base = request.build_absolute_uri(f"{get_script_prefix()}sandbox/assets/")
    return [f"{base}{file.parent.name}/{file.name}" for file in chosen]
