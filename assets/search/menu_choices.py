"""What can be chosen in a filter, with how many assets of the rest of the search each choice has.

Counting looks at no more than `MAX_SAMPLE` assets, the first in the order of the list: with more, a count is a minimum.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from assets.models import Asset, Collection, SegmindModel, StoredFile, Tag, User
from assets.models.assets import AssetQuerySet
from assets.models.batches import distinct_values
from assets.search import filters, query_parser
from assets.search.addresses import ListAddress
from assets.search.filter_table import Filter, chosen_values, type_label, type_word
from assets.search.menus import Choice, remove_filter
from assets.search.results import Listing
from assets.search.tokens import replace_term, tokenize
from assets.text.formats import MAX_COUNTED
from assets.text.normalise import normalise_name

MAX_SAMPLE = 5000
MAX_CHOICES = 60
# Collections of the sample that are looked at, before those above them are added.
MAX_COLLECTIONS = 500


@dataclass(frozen=True)
class Option:
    """A value that can be chosen. `count` is None where none of the sample has it, or it `is_uncounted`."""

    value: str
    label: str
    count: int | None = None
    depth: int = 0
    is_uncounted: bool = False


@dataclass(frozen=True)
class Sample:
    """The assets that choices are counted in: those of a search, without the filter's own conditions."""

    listing: Listing
    assets: AssetQuerySet
    size: int

    @classmethod
    def of(cls, listing: Listing) -> "Sample":
        pks = listing.assets().values("pk")[: MAX_SAMPLE + 1]
        assets = Asset.objects.filter(pk__in=pks).order_by()
        return cls(listing, assets, assets.count())

    @property
    def is_partial(self) -> bool:
        return self.size > MAX_SAMPLE

    def format_count(self, count: int | None) -> str:
        if count is None:
            return "" if self.is_partial else "0"
        return f"{min(count, MAX_COUNTED):,}{'+' if self.is_partial or count > MAX_COUNTED else ''}"


def build_choices(listing: Listing, spec: Filter, address: ListAddress, find: str = "") -> list[Choice]:
    """The choices of a filter, or those whose labels contain a text; what is chosen comes first."""
    chosen = chosen_values(spec, list(tokenize(listing.text)))
    rest = listing.with_text(remove_filter(listing.text, spec))
    sample = Sample.of(rest)
    options = list_options(spec, sample, find)
    keys = {normalise_name(option.value) for option in options}
    missing = [Option(value, spec.describe(value)) for value in chosen if normalise_name(value) not in keys]
    current = {normalise_name(value) for value in chosen}
    return [
        Choice(
            label=option.label,
            url=address.url(replace_term(listing.text, _toggled(spec, chosen, option.value), is_replaced=spec.is_of)),
            is_current=normalise_name(option.value) in current,
            count="" if option in missing or option.is_uncounted else sample.format_count(option.count),
            depth=option.depth,
        )
        for option in [*(missing if not find else []), *options]
    ]


def list_options(spec: Filter, sample: Sample, find: str = "") -> list[Option]:
    return list(_OPTIONS.get(spec.name, _fixed_options)(spec, sample, find))


def _toggled(spec: Filter, chosen: list[str], value: str) -> str:
    """The filter's conditions once this value was chosen, or given up."""
    others = [other for other in chosen if normalise_name(other) != normalise_name(value)]
    if len(others) < len(chosen):
        return "" if spec.is_range else spec.term(*others)
    return spec.term(value) if spec.is_range else spec.term(*others, value)


def _matches(find: str, label: str) -> bool:
    return normalise_name(find) in normalise_name(label)


# --- Filters whose choices are known ---


def _fixed_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    options = {value: label for value, label in spec.fixed.items() if _matches(find, label)}
    counts = _count_terms(sample, {value: value if spec.is_range else spec.term(value) for value in options})
    return (Option(value, label, counts[value]) for value, label in options.items())


def _type_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    yield from _fixed_options(spec, sample, find)
    rows = sample.assets.values_list("stored_file__media_type").annotate(count=Count("pk"))
    counts: defaultdict[str, int] = defaultdict(int)
    for media_type, count in rows:
        counts[type_word(media_type)] += count
    words = set(counts)
    if sample.is_partial:
        words |= set(_other_types(sample.listing.user, words))
    labels = {word: type_label(word) for word in words}
    for word in sorted(words, key=lambda word: (-counts[word], labels[word])):
        if _matches(find, labels[word]):
            yield Option(word, labels[word], counts[word] or None)


def _other_types(user: User, known: set[str]) -> Iterator[str]:
    """Formats that are not known, if the person sees any file of them."""
    visible = Asset.objects.visible_to(user).current()
    for media_type in distinct_values(StoredFile.objects.all(), "media_type"):
        word = type_word(media_type)
        if word not in known and visible.filter(stored_file__media_type=media_type).exists():
            yield word


def _count_terms(sample: Sample, terms: dict[str, str]) -> dict[str, int | None]:
    """How many of the sample meet each condition, in one query."""
    conditions = {f"n{at}": _condition(sample.listing, text) for at, text in enumerate(terms.values())}
    counts = sample.assets.aggregate(**{name: Count("pk", filter=q) for name, q in conditions.items()})
    return {value: counts[f"n{at}"] or None for at, value in enumerate(terms)}


def _condition(listing: Listing, text: str) -> Q:
    return filters.build_conditions(query_parser.parse(text), user=listing.user, now=listing.now)


# --- Filters whose choices are names ---


def _tag_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    links = Asset.tags.through.objects.filter(asset__in=sample.assets)
    if find:
        links = links.filter(tag__key__contains=Tag.make_key(find))
    rows = links.values("tag__name").annotate(count=Count("pk")).order_by("-count", "tag__name")
    counts: dict[str, int] = {row["tag__name"]: row["count"] for row in rows[:MAX_CHOICES]}
    yield from (Option(name, name, count) for name, count in counts.items())
    if find and sample.is_partial:
        visible = Asset.objects.visible_to(sample.listing.user).current()
        for tag in Tag.objects.all().suggest(find, visible):
            if tag.name not in counts:
                yield Option(tag.name, tag.name)


def _person_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    counts = dict(sample.assets.values_list("owner").annotate(count=Count("pk")))
    me = sample.listing.user
    yield Option("me", "Me", counts.pop(me.pk, None))
    people = User.objects.in_bulk(list(counts))
    for pk in sorted(counts, key=lambda pk: -counts[pk]):
        person = people[pk]
        label = person.get_full_name() or person.get_username()
        if _matches(find, f"{label} {person.get_username()}"):
            yield Option(f"@{person.get_username()}", label, counts[pk])


def _collection_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    """As a tree: every collection that has one of the assets, below those that it is nested in."""
    assets = _assets_by_key(sample)
    visible = Collection.objects.visible_to(sample.listing.user)
    for collection in visible.filter(key__in=list(assets)).order_by("key")[:MAX_COLLECTIONS]:
        if _matches(find, collection.path):
            label = collection.path if find else collection.name
            yield Option(collection.place, label, len(assets[collection.key]), 0 if find else collection.depth - 1)


def _model_options(spec: Filter, sample: Sample, find: str) -> Iterator[Option]:
    """The best used first. Without counts: for each, they would be those of a search."""
    models = SegmindModel.objects.current().taking_files().best_used_first()
    for title, slug in models.values_list("title", "slug"):
        if _matches(find, f"{title} {slug}"):
            yield Option(slug, title, is_uncounted=True)


def _assets_by_key(sample: Sample) -> dict[str, set[UUID]]:
    """The assets in each collection, and in those nested in it, by its key."""
    links = Asset.collections.through.objects.filter(asset__in=sample.assets)
    visible = Collection.objects.visible_to(sample.listing.user).values("pk")
    assets: defaultdict[str, set[UUID]] = defaultdict(set)
    for key, pk in links.filter(collection__in=visible).values_list("collection__key", "asset_id"):
        for above in _keys_above(key):
            assets[above].add(pk)
    return assets


def _keys_above(key: str) -> Iterable[str]:
    """The key itself too. That of a private collection begins with a separator and a number."""
    parts = key.split(Collection.SEPARATOR)
    return [Collection.SEPARATOR.join(parts[: end + 1]) for end in range(len(parts))]


_OPTIONS = {
    "type": _type_options,
    "tag": _tag_options,
    "person": _person_options,
    "collection": _collection_options,
    "fits": _model_options,
}
