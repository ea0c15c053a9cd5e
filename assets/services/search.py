"""The search box: text → terms → a filter."""

from django.db.models import Q

from assets.models import fold

MOST_TERMS = 20


def parse(text: str) -> list[str]:
    """The words of a search, folded; every one of them has to match."""
    return fold(text.replace("\0", " ")).split()[:MOST_TERMS]


def matching(text: str) -> Q:
    """Assets that have every word somewhere in title, file name, description, tags, collections or uploader."""
    found = Q()
    for term in parse(text):
        found &= Q(search_text__contains=term)
    return found
