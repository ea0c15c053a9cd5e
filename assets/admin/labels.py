"""Tags and collections in the administration: renamed on their page, merged and deleted by an action."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin.actions import MOST_SHOWN, Deed, Example, Outlook, action_of, counted
from assets.admin.lists import ListAdmin
from assets.labels import edit
from assets.labels.views import label_search_url
from assets.models import Asset, Collection, Tag
from assets.models.labels import Label
from assets.text.formats import MAX_COUNTED, format_count

MOST_CHOSEN = 500


class LabelForm(forms.ModelForm):
    """A name that is free; of a collection, the path: another one moves it, with all that is nested in it."""

    name = forms.CharField(max_length=Collection.PATH_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.key:
            self.initial["name"] = self.instance.full_name
        if isinstance(self.instance, Collection):
            self.fields["name"].label = "Path"
            self.fields["name"].help_text = "such as Trips/2024; another path moves it, with all that is nested in it"

    def clean_name(self) -> str:
        name = type(self.instance).clean_name(self.cleaned_data["name"])
        type(self.instance).validate_name(name)
        if other := type(self.instance).objects.find_conflict(self.instance, name):
            raise ValidationError(f"“{other}” is there already: merge the two, by an action of the list.", code="taken")
        return name

    def _post_clean(self) -> None:
        """Nothing is put into the row by hand: `labelling` names it."""


class LabelAdmin(ListAdmin):
    form = LabelForm
    fields = ("name",)
    list_display = ("called", "entries")
    sortable_by = ()
    search_fields = ("name", "key")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.model.objects.order_by("key")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet, bool]:
        return (queryset.matching(search_term) if search_term.strip() else queryset), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        pks = [label.pk for label in changes.result_list]
        counted = self.model.objects.filter(pk__in=pks).with_count(limit=MAX_COUNTED + 1)
        changes.result_list = list(counted.order_by("key"))
        return changes

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # by an action, which says what it concerns

    @admin.display(description="name")
    def called(self, obj: Any) -> str:
        return obj.full_name

    @admin.display(description="entries")
    def entries(self, obj: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', label_search_url(obj), format_count(obj.asset_count))

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """A change that `labelling` refuses has been refused by the form, but for one that comes meanwhile."""
        if not change:
            return self.model.objects.get_or_create_by_name(form.cleaned_data["name"])
        edit.rename(form.instance, form.cleaned_data["name"])
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """`save_form()` has done it."""

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """There is nothing related in the form."""


# --- Merging and deleting -----------------------------------------------------------------------------------------


def _look_at_merging(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
    target, sources = form.cleaned_data["target"], _chosen(rows, but=form.cleaned_data["target"])
    will = [f"“{one}” becomes “{target}”: {_entries(one)} get that instead, and “{one}” is gone." for one in sources]
    return Outlook(
        will[:MOST_SHOWN],
        ["This cannot be undone."] if sources else [f"“{target}” cannot be merged into itself."],
        [Example.of("Moves along, for it is nested in one of them", _nested(sources))],
        is_possible=bool(sources),
    )


def _merge(request: HttpRequest, rows: QuerySet, form: Any) -> str:
    target, sources = form.cleaned_data["target"], _chosen(rows, but=form.cleaned_data["target"])
    for source in sources:
        edit.merge(source, target)
    return f"{counted(len(sources), 'name')} merged into “{target}”."


def _look_at_deleting(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
    labels = _chosen(rows)
    return Outlook(
        [f"“{one}” is deleted: {_entries(one)} lose it and stay in the library." for one in labels[:MOST_SHOWN]],
        ["This cannot be undone."],
        [Example.of("Deleted too, for it is nested in one of them", _nested(labels))],
        is_possible=bool(labels),
    )


def _delete(request: HttpRequest, rows: QuerySet, form: Any) -> str:
    labels = _chosen(rows)
    for label in labels:
        if type(label).objects.filter(pk=label.pk).exists():  # it may have been nested in one before
            edit.delete(label)
    return f"{counted(len(labels), 'name is', 'names are')} deleted. The entries stay in the library."


def _chosen(rows: QuerySet, *, but: Label | None = None) -> list[Label]:
    labels = [label for label in rows[: MOST_CHOSEN + 1] if but is None or label.pk != but.pk]
    if len(labels) > MOST_CHOSEN:
        raise ValidationError(f"More than {MOST_CHOSEN} are chosen; that is as many as is possible at once.")
    return labels


def _entries(label: Label) -> str:
    count = edit.count_assets(label)
    return f"{format_count(count)} {'entry' if count == 1 else 'entries'}"


def _nested(labels: list[Label]) -> list[str]:
    keys = [label.key for label in labels if isinstance(label, Collection)]
    return [str(one) for one in Collection.objects.within_any(keys)[:MOST_SHOWN]] if keys else []


def _merging(model: type[Label]) -> Any:
    """Merging into one that is found while its name is typed."""
    widget = AutocompleteSelect(Asset._meta.get_field(model.ASSET_FIELD), admin.site)
    target = forms.ModelChoiceField(model.objects.all(), label="Merge into", widget=widget)
    form = type("MergeForm", (forms.Form,), {"target": target})
    return action_of(Deed("merge", "Merge into one", _look_at_merging, _merge, form))


delete = action_of(Deed("delete", "Delete", _look_at_deleting, _delete))


@admin.register(Tag)
class TagAdmin(LabelAdmin):
    actions = (_merging(Tag), delete)


@admin.register(Collection)
class CollectionAdmin(LabelAdmin):
    actions = (_merging(Collection), delete)
