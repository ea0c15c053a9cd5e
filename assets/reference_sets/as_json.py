"""Sets as programs get them."""

from django.urls import reverse

from assets.models import ReferenceSet
from assets.reference_sets.contents import Contents, Item


def set_json(found: ReferenceSet) -> dict[str, object]:
    """Without its members."""
    return {
        "id": str(found.pk),
        "title": found.title,
        "note": found.note,
        "model": found.model or None,
        "visibility": found.visibility,
        "owner": found.owner.get_username(),
        "version": found.version,
        "is_pinned": getattr(found, "is_pinned", False),
        "created_at": found.created_at.isoformat(),
        "updated_at": found.updated_at.isoformat(),
        "page": reverse("reference_set", args=[found.pk]),
    }


def contents_json(contents: Contents) -> dict[str, object]:
    """`troubles`: why it cannot be copied; `warnings` keep nobody from that."""
    return set_json(contents.reference_set) | {
        "members": [member_json(item) for item in contents.items],
        "troubles": contents.troubles,
        "warnings": contents.warnings,
        "prompt": contents.prompt,
    }


def member_json(item: Item) -> dict[str, object]:
    return {
        "id": str(item.member.pk),
        "asset_id": str(item.asset.pk) if item.asset else None,
        "title": item.title,
        "kind": item.member.kind,
        "standing": item.standing,
        "role": item.member.role,
        "words": item.member.words,
        "number": item.place.number or None,
        "input": item.place.input or None,
        "reasons": list(item.place.reasons),
    }
