"""Filters of the lists. None of them reads a table to find out which values there are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from assets.admin.cells import VISIBILITIES
from assets.admin.generic import ModelAdmin
from assets.models import Asset, Collection, Kind, StoredFile, Tag, User
from assets.models.assets import AssetQuerySet

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices as Choice  # of Django's type stubs

SIZES = {
    "small": ("Under 1 MB", Q(size__lt=1_000_000)),
    "medium": ("1 to 10 MB", Q(size__gte=1_000_000, size__lt=10_000_000)),
    "large": ("10 to 100 MB", Q(size__gte=10_000_000, size__lt=100_000_000)),
    "huge": ("100 MB and more", Q(size__gte=100_000_000)),
}
ModelT = TypeVar("ModelT", bound=Model)


class SizeFilter(admin.SimpleListFilter):
    title = "size"
    parameter_name = "size"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[tuple[str, str]]:
        return [(name, title) for name, (title, _) in SIZES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        value = self.value() or ""
        return queryset.filter(SIZES[value][1]) if value in SIZES else queryset


class KindFilter(admin.SimpleListFilter):
    """For stored files, which have no column for it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[StoredFile]) -> list[tuple[str, str]]:
        return list(Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[StoredFile]) -> QuerySet[StoredFile]:
        value = self.value()
        if value not in Kind.values:
            return queryset
        media_types = {kind: Q(media_type__startswith=f"{kind}/") for kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)}
        if value == Kind.OTHER:
            return queryset.exclude(media_types[Kind.IMAGE] | media_types[Kind.VIDEO] | media_types[Kind.AUDIO])
        return queryset.filter(media_types[Kind(value)])


class VisibilityFilter(admin.SimpleListFilter):
    title = "visibility"
    parameter_name = "visibility"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Asset]) -> list[tuple[str, str]]:
        return [(str(visibility), title) for visibility, title in VISIBILITIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        return queryset.filter(visibility=self.value()) if self.value() else queryset


class TrashFilter(admin.SimpleListFilter):
    """Trashed assets or all others, never both: an index sorts each of the two, but not both together."""

    title = "trash"
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Asset]) -> list[tuple[str, str]]:
        return [("yes", "In trash")]

    def choices(self, changelist: ChangeList) -> "Iterator[Choice]":
        for value, title in ((None, "Not in trash"), ("yes", "In trash")):
            parameters = {self.parameter_name: value} if value else {}
            query_string = changelist.get_query_string(parameters, [self.parameter_name])
            yield {"selected": self.value() == value, "query_string": query_string, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        assets = cast(AssetQuerySet, queryset)
        return assets.trashed() if self.value() == "yes" else assets.current()


# --- A row found by typing its name ----------------------------------------------------------------------------------


class AutocompleteFilter(admin.SimpleListFilter, Generic[ModelT]):
    """Subclasses set `relation`, the field of Asset whose rows are suggested, and `filter_by()`."""

    template = "admin/autocomplete_filter.html"
    parameter_name: str
    title: str
    relation: str

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: ModelAdmin[Model]
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.form = self._make_form()

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[tuple[str, str]]:
        return [("", "")]  # Django shows no filter without lookups.

    def choices(self, changelist: ChangeList) -> "Iterator[Choice]":
        """Only the link back to all rows. The form sends the other filters and the search along."""
        others = changelist.filter_params.items()
        self.other_parameters = {name: values[-1] for name, values in others if name != self.parameter_name}
        if changelist.query:
            self.other_parameters["q"] = changelist.query
        query_string = changelist.get_query_string({}, [self.parameter_name])
        yield {"query_string": query_string, "selected": not self.value(), "display": "All"}

    @property
    def chosen(self) -> str:
        """The name of the row that the list is filtered by; empty without one."""
        return str(self.form.cleaned_data.get(self.parameter_name) or "") if self.form.is_valid() else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        if not self.form.is_valid():
            raise IncorrectLookupParameters
        return self.filter_by(queryset, self.form.cleaned_data[self.parameter_name])

    def filter_by(self, queryset: QuerySet[Model], selected: ModelT) -> QuerySet[Model]:
        raise NotImplementedError

    def _make_form(self) -> forms.Form:
        relation = Asset._meta.get_field(self.relation)
        widget = AutocompleteSelect(relation, admin.site, attrs={"aria-label": f"By {self.title}"})
        rows = cast(type[ModelT], relation.related_model)._default_manager.all()
        form = forms.Form(self.used_parameters)
        form.fields[self.parameter_name] = forms.ModelChoiceField(rows, required=False, widget=widget)
        return form


AUTOCOMPLETE_MEDIA = AutocompleteSelect(Asset._meta.get_field("owner"), admin.site).media


class OwnerFilter(AutocompleteFilter[User]):
    title = "owner"
    parameter_name = "owner"
    relation = "owner"

    def filter_by(self, queryset: QuerySet[Model], selected: User) -> QuerySet[Model]:
        return queryset.filter(owner=selected)


class CollectionFilter(AutocompleteFilter[Collection]):
    """Includes nested collections."""

    title = "collection"
    parameter_name = "collection"
    relation = "collections"

    def filter_by(self, queryset: QuerySet[Model], selected: Collection) -> QuerySet[Model]:
        links = Asset.collections.through.objects.filter(collection__in=_with_nested(selected))
        return queryset.filter(pk__in=links.values("asset"))


class TagFilter(AutocompleteFilter[Tag]):
    title = "tag"
    parameter_name = "tag"
    relation = "tags"

    def filter_by(self, queryset: QuerySet[Model], selected: Tag) -> QuerySet[Model]:
        return queryset.filter(pk__in=Asset.tags.through.objects.filter(tag=selected).values("asset"))


class StoredFileOwnerFilter(OwnerFilter):
    """Stored files of which a person has an asset."""

    def filter_by(self, queryset: QuerySet[Model], selected: User) -> QuerySet[Model]:
        return queryset.filter(Exists(Asset.objects.filter(stored_file=OuterRef("pk"), owner=selected)))


class StoredFileCollectionFilter(CollectionFilter):
    def filter_by(self, queryset: QuerySet[Model], selected: Collection) -> QuerySet[Model]:
        # A join: with another subquery PostgreSQL reads all assets.
        assets = Asset.objects.filter(collections__in=_with_nested(selected))
        return queryset.filter(pk__in=assets.values("stored_file"))


def _with_nested(collection: Collection) -> list[UUID]:
    # Looked up first: given the ids, the database knows how few assets there are.
    return list(Collection.objects.within(collection.key).values_list("pk", flat=True))
