"""What a phone is told when the library is added to its home screen."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)
ACCEPTED = ("image/*", "video/*", "audio/*", "application/pdf")


@login_not_required
@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """Browsers ask for it without cookies."""
    library = reverse("library")
    content = {
        "id": library,
        "name": "Asset Library",
        "short_name": "Assets",
        "description": "Upload files once to Segmind, and find and reuse their URLs.",
        "start_url": library,
        "scope": library,
        "display": "standalone",
        "background_color": "#f5f4f0",
        "theme_color": "#f5f4f0",
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [{"name": "Upload", "url": reverse("upload")}],
        "share_target": {
            "action": f"{reverse('upload')}shared/",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "files", "accept": list(ACCEPTED)}]},
        },
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": static(f"img/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
