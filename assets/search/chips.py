"""What stands in the search box: conditions as chips, and beside them the words."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from assets.search import query_parser
from assets.search.addresses import ListAddress
from assets.search.filters import Scope
from assets.search.results import orders_in, usual_order
from assets.search.tokens import Token, replace_token, tokenize


@dataclass(frozen=True)
class Chip:
    """A condition as it was typed, with the list without it, and what is wrong with it, if anything is."""

    text: str
    remove_url: str
    problem: str = ""


@dataclass(frozen=True)
class Box:
    """`sort` is empty for the usual order, `text` the whole search: the conditions, which are chips, and the words."""

    path: str
    sort: str
    saved: str
    text: str
    chips: tuple[Chip, ...]
    words: str


def build_box(request: HttpRequest, path: str) -> Box:
    """The box of a page, which searches the list at `path`, or without one the library."""
    text = request.GET.get("q", "").strip()
    view = request.resolver_match.url_name if request.resolver_match else ""
    scope = Scope(view) if view in Scope.values else Scope.LIBRARY
    usual = usual_order(scope).name
    sort = request.GET.get("sort", "")
    order = sort if sort in orders_in(scope) else usual
    address = ListAddress(path or reverse("library"), order, request.GET.get("saved", ""), usual)
    tokens = list(tokenize(text))
    words = " ".join(token.text for token in tokens if not token.is_condition)
    sort = "" if order == usual else order
    return Box(address.path, sort, address.saved, text, _build_chips(address, text, tokens), words)


def _build_chips(address: ListAddress, text: str, tokens: list[Token]) -> tuple[Chip, ...]:
    problems = {problem.text: problem.reason for problem in query_parser.parse(text).problems}
    return tuple(
        Chip(token.text, address.url(replace_token(text, token)), problems.get(token.text, ""))
        for token in tokens
        if token.is_condition
    )
