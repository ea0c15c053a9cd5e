"""The shapes in which pages answer programs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from assets.models import Asset


def wants_json(request: HttpRequest) -> bool:
    """Whether the client asks for JSON rather than for a page; without a word on it, it gets the page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def asset_json(asset: Asset) -> dict[str, Any]:
    """An entry for programs; `url` is null until Segmind has the file. Takes no query after `with_details()`."""
    file = asset.stored_file
    return {
        "id": str(asset.pk),
        "title": asset.title,
        "file_name": asset.file_name,
        "kind": asset.kind,
        "media_type": file.media_type,
        "size": asset.size,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "duration": file.duration,
        "state": file.state,
        "url": file.url or None,
        "link_status": file.link_status,
        "error": file.error or None,
        "owner": asset.owner.get_username(),
        "tags": [tag.name for tag in asset.tags.all()],
        "collections": [str(collection) for collection in asset.collections.all()],
        "visibility": asset.visibility,
        "created_at": asset.created_at.isoformat(),
        "page": asset.get_absolute_url(),
        "preview": reverse("preview", args=[asset.pk]) if file.preview else None,
        "description": asset.description,
        "trashed_at": asset.trashed_at and asset.trashed_at.isoformat(),
    }


def errors_json(errors: Mapping[str, Iterable[ValidationError]]) -> dict[str, list[dict[str, str]]]:
    """A form's errors, by field, in the shape of every other error."""
    return {name: [error_json(error) for error in found] for name, found in errors.items()}


def error_json(error: ValidationError) -> dict[str, str]:
    return {"code": error.code or "invalid", "message": " ".join(error.messages)}
