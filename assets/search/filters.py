"""The search box: a query → a filter of entries, for the person who asks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from assets import permissions
from assets.models import Collection, LinkStatus, State, StoredFile, Tag, Visibility
from assets.models.assets import Asset, AssetQuerySet, User
from assets.models.stored_files import UNFINISHED
from assets.search import index
from assets.search.query_parser import Comparison, Query, Term, When
from assets.text.normalise import normalise_words

_LOOKUPS = {"<": "lt", "<=": "lte", "=": "exact", ">=": "gte", ">": "gt"}


def found(query: Query, *, user: User, now: datetime) -> AssetQuerySet:
    """The entries that a query finds, of those that the person may see; of the trash only where it asks for that."""
    in_trash = query.asks("is", "trashed")
    assets = permissions.trash_of(user) if in_trash else Asset.objects.visible_to(user).current()
    return among(assets, query, user=user, now=now)


def among(assets: AssetQuerySet, query: Query, *, user: User, now: datetime) -> AssetQuerySet:
    """Those of these entries that a query finds, whoever may see them."""
    texts = [str(term.value) for term in query.terms if term.name == "text" and not term.is_negated]
    assets = assets.filter(index.candidates(texts))
    for term in query.terms:
        condition = _condition(term, user, now)
        assets = assets.exclude(condition) if term.is_negated else assets.filter(condition)
    return assets


def _condition(term: Term, user: User, now: datetime) -> Q:
    if term.name == "is":
        return STATES[str(term.value)](user)
    return CONDITIONS[term.name](term.value, user, now)


# --- Qualifiers. Names are looked up first: with the rows' ids a database knows how many entries they have. ------


def _tagged(value: Any, user: User, now: datetime) -> Q:
    return _on_asset(Asset.tags.through, "tag_id", Tag.objects.filter(key=value))


def _collected(value: Any, user: User, now: datetime) -> Q:
    """In the collection of that path or name, or in one that is nested in it."""
    named = Collection.objects.visible_to(user).filter(Q(key=value) | Q(key__endswith=f"/{value}"))
    keys = named.values_list("key", flat=True)
    within = Q()
    for key in keys:
        within |= Q(key=key) | Q(key__startswith=f"{key}/")
    return _on_asset(
        Asset.collections.through,
        "collection_id",
        Collection.objects.filter(within) if keys else Collection.objects.none(),
    )


def _on_asset(through: Any, column: str, labels: Any) -> Q:
    pks = list(labels.values_list("pk", flat=True))
    return Q(pk__in=through.objects.filter(**{f"{column}__in": pks}).values("asset_id"))


def _uploaded_by(value: Any, user: User, now: datetime) -> Q:
    if value == "me":
        return Q(owner_id=user.pk)
    people = get_user_model()._default_manager.values_list("pk", "username", "first_name", "last_name")
    return Q(owner_id__in=[pk for pk, *names in people if value in _names(*names)])


def _names(username: str, first: str, last: str) -> set[str]:
    """What a person is called, as searches compare it."""
    return {normalise_words(name) for name in (username, first, last, f"{first} {last}") if name.strip()}


def _compared(column: str, condition: Callable[..., Q] = Q) -> Callable[[Comparison, User, datetime], Q]:
    return lambda value, user, now: condition(**{f"{column}__{_LOOKUPS[value.sign]}": value.number})


def _file(*conditions: Any, **facts: Any) -> Q:
    """What is said of an entry's content. Asked of each entry: joined, SQLite would begin with all such contents."""
    return Q(Exists(StoredFile.objects.filter(*conditions, pk=OuterRef("stored_file_id"), **facts)))


def _not_stored(*states: str) -> Q:
    """Contents that are few, so that it is quicker to begin with them (by the index of what is not stored)."""
    return Q(stored_file__in=StoredFile.objects.exclude(state=State.STORED).filter(state__in=states).values("pk"))


def _not_verified(status: LinkStatus) -> Q:
    """The same of links that are not verified, of files that have one."""
    files = StoredFile.objects.exclude(link_status=LinkStatus.VERIFIED).filter(link_status=status).exclude(url="")
    return Q(stored_file__in=files.values("pk"))


def _moment(when: When, now: datetime) -> datetime:
    return when.moment(now, timezone.get_current_timezone())


CONDITIONS: dict[str, Callable[[Any, User, datetime], Q]] = {
    "text": lambda value, user, now: Q(search_text__contains=value),
    "kind": lambda value, user, now: Q(kind=value),
    "media_type": lambda value, user, now: _file(media_type__in=value),
    "tag": _tagged,
    "in": _collected,
    "by": _uploaded_by,
    "after": lambda value, user, now: Q(created_at__gte=_moment(value, now)),
    "before": lambda value, user, now: Q(created_at__lt=_moment(value, now)),
    "size": _compared("size"),
    "width": _compared("width", _file),
    "height": _compared("height", _file),
}
STATES: dict[str, Callable[[User], Q]] = {
    "private": lambda user: Q(visibility=Visibility.PRIVATE),
    "mine": lambda user: Q(owner_id=user.pk),
    "stored": lambda user: _file(state=State.STORED),
    "waiting": lambda user: _not_stored(*UNFINISHED),
    "failed": lambda user: _not_stored(State.FAILED),
    "verified": lambda user: _file(link_status=LinkStatus.VERIFIED),
    "changed": lambda user: _not_verified(LinkStatus.CHANGED),
    "broken": lambda user: _not_verified(LinkStatus.BROKEN),
    "unreachable": lambda user: _not_verified(LinkStatus.UNREACHABLE),
    "unchecked": lambda user: _not_verified(LinkStatus.UNCHECKED),
    "address": lambda user: _file(url_has_address=True),
    "favourite": lambda user: Q(pk__in=user.favourites.values("asset_id")),  # type: ignore[union-attr]
    "trashed": lambda user: Q(trashed_at__isnull=False),
    "wide": lambda user: _file(width__gt=F("height")),
    "tall": lambda user: _file(width__lt=F("height")),
    "square": lambda user: _file(width=F("height")),
}
