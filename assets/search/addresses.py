"""The URLs of lists: a search, in an order, on a page."""

from dataclasses import dataclass
from urllib.parse import quote_plus

from django.urls import reverse

from assets.search.pagination import NEWEST
from assets.search.tokens import format_term


@dataclass(frozen=True)
class ListAddress:
    """A page that shows a list, with the order, and the saved search that the person came from, if any.

    `usual` is the order of the page where its URL names none.
    """

    path: str
    sort: str = NEWEST.name
    saved: str = ""
    usual: str = NEWEST.name

    def url(self, text: str, **others: str) -> str:
        """The first page of a search. Without its last condition, it is no longer the saved one."""
        parameters = {"q": text, "sort": "" if self.sort == self.usual else self.sort, "saved": text and self.saved}
        pairs = ({**parameters, **others}).items()
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in pairs if value)
        return f"{self.path}?{query}" if query else self.path


def search_url(name: str, value: str) -> str:
    """The URL of the library with one search term, such as `tag:sea`."""
    return ListAddress(reverse("library")).url(format_term(name, value))
