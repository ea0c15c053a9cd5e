"""Turn a parsed query into a filter on assets, for the person who searches."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import eq, ge, gt, le, lt, or_
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from assets import permissions
from assets.models import Collection, Favourite, LinkStatus, State, StoredFile, Tag, Use, Visibility
from assets.models.assets import Asset, AssetQuerySet
from assets.models.collections import CollectionQuerySet
from assets.models.labels import LabelQuerySet
from assets.models.links import LOST
from assets.models.states import UNFINISHED
from assets.models.users import User
from assets.search import index, model_names
from assets.search.query_parser import Comparison, Query, Term, TimePoint
from assets.text.normalise import normalise_name

_LOOKUPS = {"<": "lt", "<=": "lte", "=": "exact", ">=": "gte", ">": "gt"}
_COMPARE: dict[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}


class Scope(models.TextChoices):
    """What a list covers. The values are the names of the pages."""

    LIBRARY = "library"
    TRASH = "trash"
    EVERYONES_TRASH = "everyones_trash"


def search(
    query: Query, *, user: User, now: datetime, scope: Scope = Scope.LIBRARY, place: Tag | Collection | None = None
) -> AssetQuerySet:
    """The assets in a scope, or in a place within it, that the person can see and that match a query."""
    assets = _assets_in(scope, query, user)
    return apply_filters(assets.filter(_is_in(place)) if place else assets, query, user=user, now=now)


def _assets_in(scope: Scope, query: Query, user: User) -> AssetQuerySet:
    """The scope's assets. A search of the library for `is:trashed` covers the trash instead."""
    if scope == Scope.TRASH:
        return permissions.visible_trash(user).owned_by(user)
    if scope == Scope.EVERYONES_TRASH or query.has_term("is", "trashed"):
        return permissions.visible_trash(user)
    return Asset.objects.visible_to(user).current()


def apply_filters(assets: AssetQuerySet, query: Query, *, user: User, now: datetime) -> AssetQuerySet:
    """Those of these assets that match a query, whoever may see them."""
    texts = [str(term.value) for term in query.terms if term.name == "text" and not term.is_negated]
    assets = assets.filter(index.filter_candidates(texts))
    for term in query.terms:
        condition = _build_condition(term, user, now)
        assets = assets.exclude(condition) if term.is_negated else assets.filter(condition)
    return assets


def build_conditions(query: Query, *, user: User, now: datetime) -> Q:
    """All conditions of a query in one, for counting what meets it."""
    conditions = Q()
    for term in query.terms:
        condition = _build_condition(term, user, now)
        conditions &= ~condition if term.is_negated else condition
    return conditions


def _build_condition(term: Term, user: User, now: datetime) -> Q:
    match term.value:
        case tuple() as terms if term.name == "any":
            return _build_any(terms, user, now)
        case TimePoint() as point:
            moment = point.resolve(now, timezone.get_current_timezone())
            return Q(created_at__gte=moment) if term.name == "after" else Q(created_at__lt=moment)
        case Comparison() as comparison:
            return _compare(term.name, comparison)
        case tuple() as media_types:
            return _has_file(media_type__in=media_types)
        case state if term.name == "is":
            return STATES[state](user)
        case text:
            return TEXT_CONDITIONS[term.name]([text], user)


def _build_any(terms: Iterable[Term], user: User, now: datetime) -> Q:
    """One of the conditions. Values of the same condition are looked up together."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    others = []
    for term in terms:
        if term.name in TEXT_CONDITIONS:
            values[term.name].append(str(term.value))
        else:
            others.append(_build_condition(term, user, now))
    return reduce(or_, [*others, *(TEXT_CONDITIONS[name](list(several), user) for name, several in values.items())])


# --- Qualifiers. Names are looked up first: given their ids, a database knows how many assets they have. ---


def _is_in(place: Tag | Collection) -> Q:
    """With that tag, or in that collection or one nested in it."""
    if isinstance(place, Tag):
        return _has_label(Asset.tags.through.objects, "tag_id", Tag.objects.filter(pk=place.pk))
    return _has_label(Asset.collections.through.objects, "collection_id", Collection.objects.within(place.key))


def _has_tag(names: Iterable[str], user: User) -> Q:
    keys = [name[: Tag.KEY_LENGTH] for name in names]
    return _has_label(Asset.tags.through.objects, "tag_id", Tag.objects.filter(key__in=keys))


def _is_in_collection(names: Iterable[str], user: User) -> Q:
    """In one of the collections meant, or in one nested in it."""
    keys = [key for name in names for key in _find_collections(name, user).values_list("key", flat=True)]
    within = Q()
    for key in keys:
        within |= Q(key=key) | Q(key__startswith=f"{key}/")
    collections = Collection.objects.filter(within) if keys else Collection.objects.none()
    return _has_label(Asset.collections.through.objects, "collection_id", collections)


def _find_collections(value: str, user: User) -> CollectionQuerySet:
    """Those with this path or name, wherever they are; with `/` in front the one at the top, with `~/` a private one.

    Where the team has none of that path, `/` stands for the person's private one, too.
    """
    visible = Collection.objects.visible_to(user)
    start, _, path = value.partition("/")
    own = visible.filter(key=Collection.tree_key(user.pk, path))
    if start == "~":
        return own
    if start:
        # The key of a private collection begins with a number, which is no part of its path.
        named = visible.filter(Q(key=value) | Q(key__endswith=f"/{value}"))
        return named.exclude(key=f"/{value}", private_to__isnull=False)
    team = visible.filter(key=path, private_to=None)
    return team if team.exists() else own


def _has_label(links: models.Manager[Any], column: str, labels: LabelQuerySet[Any]) -> Q:
    pks = list(labels.values_list("pk", flat=True))
    return Q(pk__in=links.filter(**{f"{column}__in": pks}).values("asset_id"))


def _is_uploaded_by(names: Sequence[str], user: User) -> Q:
    """By the people of one of these names; with `@` in front, by the one with that username."""
    if list(names) == ["me"]:
        return Q(owner_id=user.pk)
    people = list(User.objects.values_list("pk", "username", "first_name", "last_name"))
    return Q(owner_id__in={pk for name in names for pk in _find_people(name, user, people)})


def _find_people(name: str, user: User, people: Iterable[tuple[int, str, str, str]]) -> list[int]:
    if name == "me":
        return [user.pk]
    exact = [pk for pk, username, *_ in people if name == f"@{normalise_name(username)}"]
    return exact or [pk for pk, *names in people if name in _normalised_names(*names)]


def _normalised_names(username: str, first: str, last: str) -> set[str]:
    return {normalise_name(name) for name in (username, first, last, f"{first} {last}") if name.strip()}


def _compare(column: str, comparison: Comparison) -> Q:
    if column == "used":
        return _is_used(comparison)
    condition = {f"{column}__{_LOOKUPS[comparison.operator]}": comparison.number}
    return Q(**condition) if column == "size" else _has_file(**condition)


def _has_file(*conditions: Q, **fields: object) -> Q:
    """A condition on an asset's file, as EXISTS: with a join, SQLite would start from all matching files."""
    return Q(Exists(StoredFile.objects.filter(*conditions, pk=OuterRef("stored_file_id"), **fields)))


def _is_used(comparison: Comparison) -> Q:
    """In so many runs of models. Few files are used in any, so a search for those starts from them."""
    fitting = {f"run_count__{_LOOKUPS[comparison.operator]}": comparison.number}
    if _COMPARE[comparison.operator](0, comparison.number):
        return _has_file(**fitting)
    return Q(stored_file__in=StoredFile.objects.filter(run_count__gt=0).filter(**fitting).values("pk"))


def _is_unused(user: User) -> Q:
    """By nobody here, and in no run of a model."""
    return ~Q(Exists(Use.objects.filter(asset=OuterRef("pk")))) & _is_used(Comparison("=", 0))


def _has_unstored_file(*states: str) -> Q:
    """Few files are not stored, so it is quicker to start from those, which have an index."""
    return Q(stored_file__in=StoredFile.objects.exclude(state=State.STORED).filter(state__in=states).values("pk"))


def _has_unverified_link(status: LinkStatus) -> Q:
    """Quick for the same reason: few links are not verified."""
    files = StoredFile.objects.exclude(link_status=LinkStatus.VERIFIED).filter(link_status=status).exclude(url="")
    return Q(stored_file__in=files.values("pk"))


def _needs_attention(user: User) -> Q:
    """Each of the three has an index of the few files that it is true of."""
    files = StoredFile.objects.order_by()
    failed = files.exclude(state=State.STORED).filter(state=State.FAILED)
    lost = files.exclude(link_status=LinkStatus.VERIFIED).filter(link_status__in=LOST).exclude(url="")
    damaged = files.exclude(warning="")
    return Q(stored_file__in=failed.values("pk").union(lost.values("pk"), damaged.values("pk")))


def _is_duplicate(user: User) -> Q:
    """Of a content of which the person sees another asset, too. Asked of each asset, so that a page needs few."""
    others = Asset.objects.visible_to(user).current().exclude(pk=OuterRef("pk"))
    return Q(Exists(others.filter(stored_file=OuterRef("stored_file"))))


TEXT_CONDITIONS: dict[str, Callable[[Sequence[str], User], Q]] = {
    "text": lambda texts, user: Q(*(("search_text__contains", text) for text in texts), _connector=Q.OR),
    "kind": lambda kinds, user: Q(kind__in=kinds) if len(kinds) > 1 else Q(kind=kinds[0]),
    "tag": _has_tag,
    "in": _is_in_collection,
    "by": _is_uploaded_by,
    "fits": model_names.fits_any,
}
STATES: dict[str, Callable[[User], Q]] = {
    "attention": _needs_attention,
    "duplicate": _is_duplicate,
    "unused": _is_unused,
    "team": lambda user: Q(visibility=Visibility.TEAM),
    "private": lambda user: Q(visibility=Visibility.PRIVATE),
    "mine": lambda user: Q(owner_id=user.pk),
    "stored": lambda user: _has_file(state=State.STORED),
    "waiting": lambda user: _has_unstored_file(*UNFINISHED),
    "failed": lambda user: _has_unstored_file(State.FAILED),
    "verified": lambda user: _has_file(link_status=LinkStatus.VERIFIED),
    "changed": lambda user: _has_unverified_link(LinkStatus.CHANGED),
    "broken": lambda user: _has_unverified_link(LinkStatus.BROKEN),
    "unreachable": lambda user: _has_unverified_link(LinkStatus.UNREACHABLE),
    "unchecked": lambda user: _has_unverified_link(LinkStatus.UNCHECKED),
    "address": lambda user: _has_file(url_has_address=True),
    "damaged": lambda user: Q(stored_file__in=StoredFile.objects.exclude(warning="").values("pk")),
    "favourite": lambda user: Q(pk__in=Favourite.objects.filter(user=user.pk).values("asset_id")),
    "trashed": lambda user: Q(trashed_at__isnull=False),
    "wide": lambda user: _has_file(width__gt=F("height")),
    "tall": lambda user: _has_file(width__lt=F("height")),
    "square": lambda user: _has_file(width=F("height")),
}
