"""The words of a form that could not be taken, on a page from which the person can send them again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.middleware.csrf import get_token

# The token is of no use, and passwords belong in no page.
LEFT_OUT = re.compile("token|password|link")
# What people write or choose themselves, as the page names it.
LABELS = {
    "title": "Title",
    "description": "Description",
    "tags": "Tags",
    "collection": "Collection",
    "collections": "Collections",
    "name": "Name",
    "username": "Username",
    "email": "E-mail address",
    "first_name": "First name",
    "last_name": "Last name",
    "to": "New owner",
    "role": "Role",
    "q": "Search",
}


@dataclass(frozen=True)
class UnsentForm:
    """`token` is one that fits now."""

    address: str
    token: str
    fields: list[tuple[str, str]]
    has_files: bool

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(LABELS[name], value) for name, value in self.fields if name in LABELS and value]


def read_unsent(request: HttpRequest) -> UnsentForm | None:
    """None unless the form comes from a page of this site: whoever sends it again must have filled it in themselves."""
    fields = list(_fields(request)) if request.method == "POST" and is_from_here(request) else []
    if not fields:
        return None
    has_files = request.content_type == "multipart/form-data"
    return UnsentForm(request.get_full_path(), get_token(request), fields, has_files)


def is_from_here(request: HttpRequest) -> bool:
    """By what the browser says, since there is no token to tell it."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_same_origin = origin == f"{request.scheme}://{request.get_host()}"
    return is_same_origin and site in (None, "same-origin")


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if not LEFT_OUT.search(name):
            yield from ((name, str(value)) for value in values)
