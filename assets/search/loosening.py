"""What would give results where a search has none: without one of its conditions, elsewhere, or with the name that was
meant. Each is offered with its number of assets, so nothing is named that the person may not see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from assets import permissions
from assets.models import Asset, Collection, Tag
from assets.search.filters import Scope
from assets.search.pagination import NEWEST
from assets.search.results import Listing
from assets.search.tokens import Token, format_term, replace_token, tokenize
from assets.text.formats import plural
from assets.text.normalise import normalise_name, normalise_words

# Of each search, this many parts are looked at, and of each result this many assets are counted.
MAX_PARTS = 6
MAX_COUNTED = 1000
# Among so many names, and the titles of so many assets, is what might be meant.
MAX_NAMES = 3000
MAX_TITLES = 1000
MAX_MEANT = 2
LIKENESS = 0.74


@dataclass(frozen=True)
class Offer:
    """`part`: the condition that is left out or added, where it is about one."""

    label: str
    part: str
    url: str
    count: str


# What an offer says, the part that it is about, and its list.
Candidate = tuple[str, str, Listing]


def find_offers(listing: Listing) -> list[Offer]:
    tokens = list(tokenize(listing.text))[:MAX_PARTS]
    without = _count(_without_one(listing, tokens)) or _count(_only_one(listing, tokens))
    return [*_count(_meant(listing, tokens)), *without, *_count(_elsewhere(listing))]


def _count(candidates: Iterable[Candidate]) -> list[Offer]:
    """Those that have assets."""
    offers = []
    for label, part, listing in candidates:
        if count := listing.assets().order_by()[: MAX_COUNTED + 1].count():
            number = f"{min(count, MAX_COUNTED):,}{'+' if count > MAX_COUNTED else ''}"
            offers.append(Offer(label, part, listing.url, f"{number} {plural(count, 'asset', 'assets')}"))
    return offers


def _without_one(listing: Listing, tokens: list[Token]) -> Iterator[Candidate]:
    for token in tokens if len(tokens) > 1 else ():
        yield "Without", token.text, listing.with_text(replace_token(listing.text, token))


def _only_one(listing: Listing, tokens: list[Token]) -> Iterator[Candidate]:
    for token in tokens if len(tokens) > 1 else ():
        yield "Only", token.text, listing.with_text(token.text)


def _elsewhere(listing: Listing) -> Iterator[Candidate]:
    if listing.order.column == "used_at":
        yield "Not only recently used", "", replace(listing, order=NEWEST)
    if listing.place or listing.scope != Scope.LIBRARY:
        yield "In the whole library", "", replace(listing, place=None, scope=Scope.LIBRARY)
    if listing.scope == Scope.LIBRARY:
        everyones = permissions.may_manage(listing.user)
        scope = Scope.EVERYONES_TRASH if everyones else Scope.TRASH
        yield "In the trash", "", replace(listing, place=None, scope=scope)


# --- What might be meant ---


def _meant(listing: Listing, tokens: list[Token]) -> Iterator[Candidate]:
    for token in tokens:
        for term in _terms_like(listing, token):
            yield "Did you mean", term, listing.with_text(replace_token(listing.text, token, term))


def _terms_like(listing: Listing, token: Token) -> list[str]:
    """Terms that are spelled nearly as this one; none for those that are neither names nor words."""
    if token.is_negated or len(token.values) != 1:
        return []
    if token.name == "tag":
        return [format_term("tag", name) for name in _find_like(token.value, _tags())]
    if token.name == "in":
        return [format_term("in", place) for place in _find_like(token.value.lstrip("~/"), _collections(listing))]
    return [] if token.is_condition else _find_like(token.value, _words(listing))


def _find_like(text: str, names: dict[str, str]) -> list[str]:
    wanted = normalise_name(text)
    if wanted in names:
        return []
    return list(dict.fromkeys(names[like] for like in get_close_matches(wanted, names, MAX_MEANT, LIKENESS)))


def _tags() -> dict[str, str]:
    return dict(Tag.objects.values_list("key", "name")[:MAX_NAMES])


def _collections(listing: Listing) -> dict[str, str]:
    """By their paths and by their names."""
    collections = list(Collection.objects.visible_to(listing.user)[:MAX_NAMES])
    by_name = {normalise_name(one.name): one.place for one in collections}
    return by_name | {Collection.make_key(one.path): one.place for one in collections}


def _words(listing: Listing) -> dict[str, str]:
    """Of the names of tags and collections, and of the latest titles."""
    titles = Asset.objects.visible_to(listing.user).current().newest_first().values_list("title", flat=True)
    texts = (*_tags().values(), *_collections(listing), *titles[:MAX_TITLES])
    words = dict.fromkeys(word for text in texts for word in normalise_words(text).split())
    return {word: word for word in words}
