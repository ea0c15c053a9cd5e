"""Assets in the admin: everybody's, including private ones and the trash."""

from collections.abc import Iterable
from datetime import date
from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from assets.admin import asset_actions, cells, filters, stored_file_actions
from assets.admin.generic import ModelForm
from assets.admin.lists import ListAdmin
from assets.admin.stale_forms import StaleForm
from assets.library.forms import LinesField
from assets.models import Asset, StoredFile, User
from assets.models.assets import DESCRIPTION_LENGTH, AssetQuerySet
from assets.search import admin_lookup
from assets.text.file_names import without_invisible
from assets.text.formats import format_size


class AssetForm(StaleForm[Asset]):
    description = LinesField(required=False, max_length=DESCRIPTION_LENGTH, widget=AdminTextareaWidget)
    visibility = forms.ChoiceField(choices=cells.VISIBILITIES)


@admin.register(Asset)
class AssetAdmin(ListAdmin[Asset]):
    form = AssetForm
    list_display = (
        "preview_image", "asset_title", "owner", "url_to_copy", "state_chip", "link_chip", "kind", "asset_visibility",
        "file_size", "created_at",
    )  # fmt: skip
    list_display_links = ("asset_title",)
    list_filter = (
        filters.TrashFilter, "kind", filters.VisibilityFilter, "stored_file__state", "stored_file__link_status",
        filters.SizeFilter, filters.OwnerFilter, filters.CollectionFilter, filters.TagFilter,
    )  # fmt: skip
    list_select_related = ("owner", "stored_file")
    sortable_by = ("asset_title", "file_size", "created_at")
    search_fields = ("title",)  # shows the search box; search() does the search
    search_help_text = admin_lookup.HINT
    autocomplete_fields = ("tags", "collections")
    date_hierarchy = "created_at"
    actions = (
        stored_file_actions.check_links, stored_file_actions.reupload, stored_file_actions.retry,
        asset_actions.change_owner, asset_actions.change_visibility, asset_actions.move_to_trash,
        asset_actions.restore, asset_actions.delete_permanently, asset_actions.export_csv, asset_actions.export_json,
    )  # fmt: skip
    readonly_fields = (
        "preview_image", "segmind_url", "state", "link_status", "owner", "file", "name_of_file", "kind", "file_size",
        "created_at", "updated_at", "trashed_at",
    )  # fmt: skip
    fields = (
        "preview_image", "segmind_url", "state", "link_status", "title", "description", "tags", "collections",
        "visibility", "owner", "name_of_file", "kind", "file_size", "file", "created_at", "updated_at", "trashed_at",
        "shown",
    )  # fmt: skip

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # assets are uploaded

    def has_delete_permission(self, request: HttpRequest, obj: Asset | None = None) -> bool:
        return False  # assets go to the trash first

    def first_day(self) -> date | None:
        # No asset is older than its file, and only files have an index of all dates.
        first = StoredFile.objects.oldest_first().values_list("created_at", flat=True).first()
        return timezone.localdate(first) if first else None

    def search(self, rows: QuerySet[Asset], text: str, user: User) -> QuerySet[Asset]:
        return admin_lookup.search_assets(cast(AssetQuerySet, rows), text, user=user, now=timezone.now())

    def save_related(
        self,
        request: HttpRequest,
        form: ModelForm[Asset],
        formsets: "Iterable[BaseFormSet[ModelForm[Asset]]]",
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        row = Asset.objects.filter(pk=form.instance.pk)
        row.reindex()
        if "visibility" in form.changed_data:
            row.announce_shown()

    @admin.display(description="preview")
    def preview_image(self, obj: Asset) -> SafeString | str:
        return cells.thumbnail(obj.stored_file)

    @admin.display(description="title", ordering="title_key")
    def asset_title(self, obj: Asset) -> str:
        return str(obj)

    @admin.display(description="Segmind URL")
    def segmind_url(self, obj: Asset) -> SafeString | str:
        return cells.external_link(obj.stored_file.url)

    @admin.display(description="URL")
    def url_to_copy(self, obj: Asset) -> SafeString | str:
        return cells.copied_url(obj.stored_file.url)

    @admin.display(description="state")
    def state_chip(self, obj: Asset) -> SafeString:
        return cells.state(obj.stored_file)

    @admin.display(description="link")
    def link_chip(self, obj: Asset) -> SafeString | str:
        return cells.link(obj.stored_file)

    @admin.display(description="state")
    def state(self, obj: Asset) -> str:
        return obj.stored_file.get_state_display()

    @admin.display(description="link")
    def link_status(self, obj: Asset) -> str:
        return obj.stored_file.get_link_status_display() if obj.stored_file.url else cells.EMPTY

    @admin.display(description="visibility")
    def asset_visibility(self, obj: Asset) -> str:
        return cells.visibility(obj)

    @admin.display(description="size", ordering="size")
    def file_size(self, obj: Asset) -> str:
        return format_size(obj.size)

    @admin.display(description="file name")
    def name_of_file(self, obj: Asset) -> str:
        return without_invisible(obj.file_name)

    @admin.display(description="stored file")
    def file(self, obj: Asset) -> SafeString:
        return cells.change_page_link(obj.stored_file)
