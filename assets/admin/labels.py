"""Tags and collections in the admin: renamed on their page, merged and deleted by an action."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin.actions import (
    MAX_EXAMPLES,
    ActionPreview,
    AdminAction,
    Examples,
    ModelAdminAction,
    make_admin_action,
)
from assets.admin.generic import ModelForm
from assets.admin.lists import ListAdmin
from assets.admin.stale_forms import StaleForm
from assets.labels import edit
from assets.models import Asset, Collection, Tag, User
from assets.models.labels import Label, LabelQuerySet, LabelT
from assets.permissions import AuthHttpRequest
from assets.text.formats import MAX_COUNTED, format_count, plural, pluralise

MAX_SELECTED = 500


class LabelForm(StaleForm[LabelT]):
    name = forms.CharField(max_length=Collection.PATH_LENGTH)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> str:
        is_name = field_name == "name"
        return self.instance.full_name if is_name else str(super().get_initial_for_field(field, field_name))

    def clean_name(self) -> str:
        model = type(self.instance)
        name = model.clean_name(self.cleaned_data["name"])
        model.validate_name(name)
        if not model.make_key(name):
            raise ValidationError("Enter a name.", code="required")
        if conflict := model.objects.find_conflict(self.instance, name):
            raise ValidationError(f"“{conflict}” already exists. To merge the two, use the list.", code="taken")
        return name

    def _post_clean(self) -> None:
        """Leaves the instance as it is: `labels.edit` renames it when the form is saved."""


class CollectionForm(LabelForm[Collection]):
    name = forms.CharField(
        max_length=Collection.PATH_LENGTH,
        label="Path",
        help_text="Use / to nest: Trips/2024. A new path moves the collection with everything nested in it.",
    )


class LabelAdmin(ListAdmin[LabelT]):
    fields = ("name", "shown")
    list_display = ("label_name", "asset_count")
    sortable_by = ()
    search_fields = ("key",)  # shows the search box; search() does the search

    def search(self, rows: QuerySet[LabelT], text: str, user: User) -> QuerySet[LabelT]:
        return cast(LabelQuerySet[LabelT], rows).matching(text)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Count the assets of the labels on the page only."""
        changes = super().get_changelist_instance(request)
        pks = [label.pk for label in changes.result_list]
        page = self.model.objects.filter(pk__in=pks).with_count(limit=MAX_COUNTED + 1)
        changes.result_list = list(page.order_by("key"))
        return changes

    def has_delete_permission(self, request: HttpRequest, obj: LabelT | None = None) -> bool:
        return False  # the action for it says first what it affects

    @admin.display(description="name")
    def label_name(self, obj: LabelT) -> str:
        return obj.full_name

    @admin.display(description="assets")
    def asset_count(self, obj: LabelT) -> SafeString:
        count = format_count(vars(obj)["asset_count"])
        # The library finds a private collection for its owner only.
        return format_html("{}" if obj.is_private else '<a href="{1}">{0}</a>', count, obj.get_absolute_url())

    def save_form(self, request: HttpRequest, form: LabelForm[LabelT], change: bool) -> Label:
        """Save at once, with everything that a new name changes."""
        if not change:
            return self.model.objects.get_or_create_by_name(form.cleaned_data["name"])
        edit.rename(form.instance, form.cleaned_data["name"])
        return form.instance

    def save_model(self, request: HttpRequest, obj: LabelT, form: LabelForm[LabelT], change: bool) -> None:
        """`save_form()` has saved it."""

    def save_related(
        self,
        request: HttpRequest,
        form: ModelForm[LabelT],
        formsets: "Iterable[BaseFormSet[ModelForm[LabelT]]]",
        change: bool,
    ) -> None:
        """The form has no related rows."""


# --- Merge and delete ------------------------------------------------------------------------------------------------


def _preview_merge(request: AuthHttpRequest, rows: LabelQuerySet[Label], form: forms.Form) -> ActionPreview:
    target = form.cleaned_data["target"]
    sources = _get_labels(rows, target)
    if not sources:
        raise ValidationError(f"“{target}” cannot be merged into itself.")
    merges = [f"Replace “{source}” with “{target}” on {_count_assets(source)}." for source in sources]
    return ActionPreview(
        [*merges[:MAX_EXAMPLES], "This cannot be undone."],
        examples=[Examples("Nested collections that move along", _list_nested(sources))],
    )


def _merge(request: AuthHttpRequest, rows: LabelQuerySet[Label], form: forms.Form) -> str:
    target = form.cleaned_data["target"]
    sources = _get_labels(rows, target)
    for source in sources:
        edit.merge(source, target)
    return f"{_count(sources)} merged into “{target}”."


def _preview_deletion(request: AuthHttpRequest, rows: LabelQuerySet[Label], form: forms.Form) -> ActionPreview:
    labels = _get_labels(rows)
    deletions = [f"Delete “{label}” and remove it from {_count_assets(label)}." for label in labels]
    return ActionPreview(
        [*deletions[:MAX_EXAMPLES], "This cannot be undone."],
        ["No assets are deleted."],
        [Examples("Nested collections that are deleted too", _list_nested(labels))],
    )


def _delete(request: AuthHttpRequest, rows: LabelQuerySet[Label], form: forms.Form) -> str:
    labels = _get_labels(rows)
    for label in labels:
        if type(label).objects.filter(pk=label.pk).exists():  # it may have been nested in an earlier one
            edit.delete(label)
    return f"{_count(labels)} deleted. No assets were deleted."


def _get_labels(rows: LabelQuerySet[Label], target: Label | None = None) -> list[Label]:
    """The selected labels, without the one they are merged into. Raises ValidationError if there are too many."""
    labels = list((rows.exclude(pk=target.pk) if target else rows)[: MAX_SELECTED + 1])
    if len(labels) > MAX_SELECTED:
        raise ValidationError(f"More than {MAX_SELECTED} selected, the most that can be changed at once.")
    return labels


def _count(labels: list[Label]) -> str:
    return pluralise(len(labels), labels[0].noun) if labels else "Nothing"


def _count_assets(label: Label) -> str:
    count = format_count(edit.count_assets(label))
    return f"{count} {plural(count, 'asset', 'assets')}"


def _list_nested(labels: list[Label]) -> list[str]:
    keys = [label.key for label in labels if isinstance(label, Collection)]
    return [str(collection) for collection in Collection.objects.within_any(keys)[:MAX_EXAMPLES]] if keys else []


def _make_merge_action(model: type[Label]) -> ModelAdminAction:
    class MergeForm(forms.Form):
        target = forms.ModelChoiceField(
            model.objects.all(),
            label="Merge into",
            widget=AutocompleteSelect(Asset._meta.get_field(model.ASSET_FIELD), admin.site),
        )

    return make_admin_action(AdminAction("merge", "Merge", _preview_merge, _merge, MergeForm))


delete = make_admin_action(AdminAction("delete", "Delete", _preview_deletion, _delete))


@admin.register(Tag)
class TagAdmin(LabelAdmin[Tag]):
    form = LabelForm[Tag]
    actions = (_make_merge_action(Tag), delete)


@admin.register(Collection)
class CollectionAdmin(LabelAdmin[Collection]):
    form = CollectionForm
    actions = (_make_merge_action(Collection), delete)
