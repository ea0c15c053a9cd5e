"""Filters of the lists. None of them asks a table which values there are."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from assets.models import Asset, Collection, Kind

SIZES = {
    "small": ("under 1 MB", Q(size__lt=1_000_000)),
    "medium": ("1 to 10 MB", Q(size__gte=1_000_000, size__lt=10_000_000)),
    "large": ("10 to 100 MB", Q(size__gte=10_000_000, size__lt=100_000_000)),
    "huge": ("100 MB and more", Q(size__gte=100_000_000)),
}


class SizeFilter(admin.SimpleListFilter):
    title = "size"
    parameter_name = "size"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, title) for name, (title, _) in SIZES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        return queryset.filter(SIZES[value][1]) if value in SIZES else queryset


class KindFilter(admin.SimpleListFilter):
    """Of contents: entries have a column for it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None or value not in Kind.values:
            return queryset
        known = {kind: Q(media_type__startswith=f"{kind}/") for kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)}
        if value in known:
            return queryset.filter(known[Kind(value)])
        return queryset.exclude(known[Kind.IMAGE] | known[Kind.VIDEO] | known[Kind.AUDIO])


class TrashFilter(admin.SimpleListFilter):
    """What is in the trash, or what is not: an index has the order of each, and none of both."""

    title = "trash"
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "In the trash")]

    def choices(self, changelist: Any) -> Any:
        for value, title in ((None, "Not in the trash"), ("yes", "In the trash")):
            address = changelist.get_query_string({self.parameter_name: value} if value else {}, [self.parameter_name])
            yield {"selected": self.value() == value, "query_string": address, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.trashed() if self.value() == "yes" else queryset.current()  # type: ignore[attr-defined]


# --- One of many, found by its name -------------------------------------------------------------------------------


class AutocompleteFilter(admin.SimpleListFilter):
    """By a row that is found while its name is typed. `relation` is the field whose rows are offered."""

    template = "admin/autocomplete_filter.html"
    parameter_name: str
    title: str
    relation: Any

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.form = _choice(self.relation, self.parameter_name, self.title, self.used_parameters)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # nothing is listed; without a lookup there is no filter

    def choices(self, changelist: Any) -> Any:
        """What the form has to send along, and the way back to all."""
        kept = {name: values[-1] for name, values in changelist.filter_params.items() if name != self.parameter_name}
        self.kept = kept | ({"q": changelist.query} if changelist.query else {})
        yield {"query_string": changelist.get_query_string({}, [self.parameter_name]), "selected": not self.value()}

    def chosen(self) -> Any:
        if not self.value():
            return None
        if not self.form.is_valid():
            raise IncorrectLookupParameters
        return self.form.cleaned_data[self.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.chosen()
        return queryset if chosen is None else self.having(queryset, chosen)

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        raise NotImplementedError


def _choice(relation: Any, name: str, title: str, data: dict[str, Any]) -> forms.Form:
    rows = relation.remote_field.model._default_manager.all()
    widget = AutocompleteSelect(relation, admin.site, attrs={"aria-label": f"By {title}"})
    field = forms.ModelChoiceField(rows, required=False, widget=widget)
    return type("ChoiceForm", (forms.Form,), {name: field})(data)


AUTOCOMPLETE_MEDIA = AutocompleteSelect(Asset._meta.get_field("owner"), admin.site).media


class OwnerFilter(AutocompleteFilter):
    title = "person"
    parameter_name = "owner"
    relation = Asset._meta.get_field("owner")

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        return queryset.filter(owner=chosen)


class CollectionFilter(AutocompleteFilter):
    """With what is nested in it."""

    title = "collection"
    parameter_name = "collection"
    relation = Asset._meta.get_field("collections")

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        return queryset.filter(pk__in=_in_collection(chosen))


class TagFilter(AutocompleteFilter):
    title = "tag"
    parameter_name = "tag"
    relation = Asset._meta.get_field("tags")

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        return queryset.filter(pk__in=Asset.tags.through.objects.filter(tag=chosen).values("asset"))


class HolderFilter(OwnerFilter):
    """Contents of which that person has an entry."""

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        return queryset.filter(Exists(Asset.objects.filter(stored_file=OuterRef("pk"), owner=chosen)))


class ContentCollectionFilter(CollectionFilter):
    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        # Joined: with one more subquery PostgreSQL walks over all entries.
        return queryset.filter(pk__in=Asset.objects.filter(collections__in=_nested(chosen)).values("stored_file"))


def _in_collection(collection: Collection) -> QuerySet:
    return Asset.collections.through.objects.filter(collection__in=_nested(collection)).values("asset")


def _nested(collection: Collection) -> list[UUID]:
    # Looked up first: with the rows' ids a database knows how many entries they have.
    return list(Collection.objects.within(collection.key).values_list("pk", flat=True))
