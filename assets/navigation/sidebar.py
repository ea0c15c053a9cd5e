"""What the navigation shows to a person, and what of it is current."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.urls import reverse

from assets.models import Collection, User
from assets.models.labels import label_url
from assets.models.navigation_queries import (
    MAX_AT_THE_TOP,
    MAX_ATTENTION,
    MAX_TAGS,
    CollectionInSight,
    PinnedSearch,
    PinnedSet,
    UsedTag,
    collections_in,
    collections_in_sight,
    short_lists,
)
from assets.search import query_parser

MAX_OPENED = 12
# What makes a page of the library another place; the rest of a query string is where in it one is.
SEARCH_PARAMETERS = ("q", "sort", "saved")


@dataclass(frozen=True)
class Place:
    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Branch:
    """A collection in the tree. The nested ones are there if it is open."""

    collection: CollectionInSight
    url: str
    is_current: bool
    nested: list["Branch"]


@dataclass(frozen=True)
class Sidebar:
    here: str
    attention: str
    has_outputs: bool
    collections: list[Branch]
    has_more_collections: bool
    searches: list[Place]
    sets: list[Place]
    has_sets: bool
    tags: list[Place]
    has_more_tags: bool

    @property
    def collection(self) -> CollectionInSight | None:
        """That of the page, or of a search for it alone."""
        return next(_find_current(self.collections), None)


def _find_current(branches: Iterable[Branch]) -> Iterator[CollectionInSight]:
    for branch in branches:
        if branch.is_current:
            yield branch.collection
        yield from _find_current(branch.nested)


def find_place(address: str) -> str:
    """An address as the navigation links to it: a page, or a search in the library."""
    parts = urlsplit(address)
    search = [(name, value) for name, value in parse_qsl(parts.query) if name in SEARCH_PARAMETERS]
    return f"{parts.path}?{urlencode(search)}" if search else parts.path


def build_sidebar(user: User, address: str, opened: Iterable[str]) -> Sidebar:
    """For a person at an address. `opened`: the ids of the collections that they have opened."""
    here = find_place(address)
    lists = short_lists(user)
    collections, has_more = build_tree(user, here, opened)
    return Sidebar(
        here=here,
        attention=f"{MAX_ATTENTION}+" if lists.attention > MAX_ATTENTION else str(lists.attention or ""),
        has_outputs=lists.has_outputs,
        collections=collections,
        has_more_collections=has_more,
        searches=[_search_place(search, here) for search in lists.searches],
        sets=[_set_place(one, here) for one in lists.sets],
        has_sets=lists.has_sets,
        tags=[_tag_place(tag, here) for tag in lists.tags[:MAX_TAGS]],
        has_more_tags=len(lists.tags) > MAX_TAGS,
    )


def build_tree(user: User, here: str, opened: Iterable[str]) -> tuple[list[Branch], bool]:
    """The tree, with the way to the current collection open; and whether there are more at the top."""
    current = find_collection_keys(user, here)
    keys = list(dict.fromkeys(key for one in current for key in _with_ancestors(one)))
    ids = [pk for text in list(opened)[:MAX_OPENED] if (pk := _read_id(text))]
    rows = collections_in_sight(user, keys=keys, opened=ids)
    at_the_top = [row for row in rows if row.parent_id is None]
    shown = at_the_top[:MAX_AT_THE_TOP] + [row for row in at_the_top[MAX_AT_THE_TOP:] if row.key in keys]
    nested = [row for row in rows if row.parent_id]
    return _grow([*shown, *nested], None, here, current), len(at_the_top) > len(shown)


def build_branches(user: User, parent: uuid.UUID, address: str) -> list[Branch]:
    """The collections directly within another one, closed."""
    here = find_place(address)
    return _grow(collections_in(user, parent), parent, here, find_collection_keys(user, here))


def _grow(rows: list[CollectionInSight], parent: uuid.UUID | None, here: str, current: Sequence[str]) -> list[Branch]:
    by_parent: dict[uuid.UUID | None, list[CollectionInSight]] = defaultdict(list)
    for row in rows:
        by_parent[row.parent_id].append(row)

    def grow(collection: CollectionInSight) -> Branch:
        url = collection.url
        nested = [grow(row) for row in by_parent[collection.pk]]
        is_current = collection.key in current or url == here
        return Branch(collection, url, is_current, nested)

    return [grow(row) for row in by_parent[parent]]


# --- Where one is ---


def find_collection_keys(user: User, here: str) -> list[str]:
    """The keys that the collection may have which an address shows: its page, or a search for it alone."""
    path, _, query = here.partition("?")
    start = reverse("collections")
    if path.startswith(start):
        return _keys_of(user, unquote(path.removeprefix(start)).removesuffix("/"))
    terms = query_parser.parse(dict(parse_qsl(query)).get("q", "")).terms
    place = str(terms[0].value) if len(terms) == 1 and terms[0].name == "in" and not terms[0].is_negated else ""
    return _keys_of(user, place.removeprefix("/")) if place.startswith(("/", "~/")) else []


def _keys_of(user: User, place: str) -> list[str]:
    """Of a path or, with `~/` in front, of one in the person's private tree."""
    key = Collection.make_key(place.removeprefix("~/"))
    own = Collection.tree_key(user.pk, key)
    return list(filter(None, [own] if place.startswith("~/") else [key, key and own]))


def _with_ancestors(key: str) -> list[str]:
    """The keys on the way to a collection, and its own. Two parts say whose private tree it is in."""
    parts = key.split(Collection.SEPARATOR)
    first = 3 if key.startswith(Collection.SEPARATOR) else 1
    return [Collection.SEPARATOR.join(parts[:end]) for end in range(first, len(parts) + 1)]


def _read_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# --- Places ---


def _tag_place(tag: UsedTag, here: str) -> Place:
    url = label_url("tag", tag.pk, tag.name)
    return Place(tag.name, url, is_current=here == url)


def _set_place(pinned: PinnedSet, here: str) -> Place:
    url = reverse("reference_set", args=[pinned.pk])
    return Place(pinned.title, url, is_current=here == url)


def _search_place(search: PinnedSearch, here: str) -> Place:
    parameters = {"q": search.text, "sort": search.sort, "saved": str(search.pk)}
    url = f"{reverse('library')}?{urlencode({name: value for name, value in parameters.items() if value})}"
    return Place(search.name, url, is_current=f"saved={search.pk}" in here)
