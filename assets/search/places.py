"""The tag or collection whose assets a list shows, as URLs and forms name it: `collection.<id>`."""

import uuid

from django.http import Http404

from assets import permissions
from assets.models import Collection, Tag
from assets.models.users import User


def format_place(place: Tag | Collection) -> str:
    return f"{place.noun}.{place.pk}"


def find_place(text: str, user: User) -> Tag | Collection | None:
    """None if the text is empty. Raises Http404 for a place that is gone or hidden: a list must not grow by that."""
    if not text:
        return None
    noun, _, pk = text.partition(".")
    try:
        return permissions.get_label_or_404(user, noun, uuid.UUID(pk))
    except ValueError:
        raise Http404("There is no such place.") from None
