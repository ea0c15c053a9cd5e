"""Models of Segmind in the admin: what is corrected here is by hand, and no source overwrites it."""

from typing import Any

from django.contrib import admin
from django.db.models import Field, ForeignKey, JSONField, PositiveSmallIntegerField, Q, QuerySet, URLField
from django.forms import BaseModelFormSet, ModelChoiceField, NumberInput, Textarea, URLInput
from django.http import HttpRequest

from assets.admin.generic import ModelForm, TabularInline
from assets.admin.lists import ListAdmin
from assets.models import ModelInput, ModelLimit, ModelParameter, SegmindModel, User
from assets.models.catalogue import Origin

_SOURCE = ("source_url", "read_on", "origin")
# Small, so that a row fits beside the others.
_FIELDS: dict[type[Field[Any, Any]], dict[str, object]] = {
    URLField: {"assume_scheme": "https", "widget": URLInput(attrs={"size": 24})},
    JSONField: {"widget": Textarea(attrs={"rows": 1, "cols": 12})},
    PositiveSmallIntegerField: {"widget": NumberInput(attrs={"size": 3})},
}


class InputInline(TabularInline[ModelInput, SegmindModel]):
    model = ModelInput
    verbose_name, verbose_name_plural = "input", "inputs: the fields that take files"
    extra = 0
    formfield_overrides = _FIELDS
    fields = ("position", "name", "kind", "is_list", "required", *_SOURCE)
    readonly_fields = ("origin",)


class LimitInline(TabularInline[ModelLimit, SegmindModel]):
    model = ModelLimit
    verbose_name, verbose_name_plural = "limit", "limits of inputs"
    extra = 0
    formfield_overrides = _FIELDS
    fields = ("input", "name", "value", *_SOURCE)
    readonly_fields = ("origin",)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """The inputs of this model alone. New ones can get limits once they are saved."""
        if db_field.name == "input" and request.resolver_match:
            kwargs["queryset"] = ModelInput.objects.filter(model=request.resolver_match.kwargs.get("object_id"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ParameterInline(TabularInline[ModelParameter, SegmindModel]):
    model = ModelParameter
    verbose_name, verbose_name_plural = "field", "other fields"
    extra = 0
    formfield_overrides = _FIELDS
    fields = ("position", "name", "type", "required", "default", "choices", *_SOURCE)
    readonly_fields = ("origin",)


@admin.register(SegmindModel)
class SegmindModelAdmin(ListAdmin[SegmindModel]):
    list_title = "Models"
    list_display = ("title", "slug", "output", "origin", "read_on", "use_count", "retired_at")
    list_filter = ("output", "origin")
    search_fields = ("title",)  # shows the search box; search() does the search
    search_help_text = "A part of a title or of a name."
    fields = ("slug", "title", "description", "output", *_SOURCE, "retired_at", "use_count")
    readonly_fields = ("origin", "use_count")
    formfield_overrides = _FIELDS
    inlines = (InputInline, LimitInline, ParameterInline)

    def search(self, rows: QuerySet[SegmindModel], text: str, user: User) -> QuerySet[SegmindModel]:
        return rows.filter(Q(title__icontains=text) | Q(slug__icontains=text))

    def save_model(self, request: HttpRequest, obj: SegmindModel, form: ModelForm[SegmindModel], change: bool) -> None:
        if form.changed_data:
            obj.origin = Origin.HAND
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet[Any, Any], change: bool) -> None:
        for row in formset.save(commit=False):
            row.origin = Origin.HAND
            row.save()
        for row in formset.deleted_objects:
            row.delete()
