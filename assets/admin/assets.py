"""Entries in the administration, everybody's: what people call what they have."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from assets.admin import asset_actions, cells, filters, links
from assets.admin.lists import ListAdmin, get_signed_in_user
from assets.models import Asset, StoredFile
from assets.search import admin_lookup
from assets.text.formats import format_size


@admin.register(Asset)
class AssetAdmin(ListAdmin):
    list_display = (
        "preview_image", "named", "owner", "kind", "state", "link_status", "seen_by", "readable_size", "url_link",
        "created_at",
    )  # fmt: skip
    list_display_links = ("named",)
    list_filter = (
        filters.TrashFilter, "kind", "visibility", "stored_file__state", "stored_file__link_status", filters.SizeFilter,
        filters.OwnerFilter, filters.CollectionFilter, filters.TagFilter,
    )  # fmt: skip
    list_select_related = ("owner", "stored_file")
    sortable_by = ("named", "readable_size", "created_at")
    search_fields = ("title",)  # there is a search box; what is looked for where is up to get_search_results()
    search_help_text = admin_lookup.HINT
    autocomplete_fields = ("tags", "collections")
    date_hierarchy = "created_at"
    actions = (
        links.check_now, links.upload_again, links.retry, asset_actions.hand_over, asset_actions.change_visibility,
        asset_actions.move_to_trash, asset_actions.restore, asset_actions.purge, asset_actions.export_csv,
        asset_actions.export_json,
    )  # fmt: skip
    readonly_fields = (
        "preview_image", "url_link", "state", "link_status", "owner", "content", "file_name", "kind", "readable_size",
        "created_at", "updated_at", "trashed_at",
    )  # fmt: skip
    fields = (
        "preview_image", "url_link", "state", "link_status", "title", "description", "tags", "collections",
        "visibility", "owner", "file_name", "kind", "readable_size", "content", "created_at", "updated_at",
        "trashed_at",
    )  # fmt: skip

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an entry comes from an upload

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it goes by way of the trash

    def first_day(self) -> date | None:
        # No entry is older than its content, of which an index knows the oldest.
        first = StoredFile.objects.oldest_first().values_list("created_at", flat=True).first()
        return timezone.localdate(first) if first else None

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        user = get_signed_in_user(request)
        return admin_lookup.search_assets(queryset, search_term, user=user, now=timezone.now()), False

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Asset.objects.filter(pk=form.instance.pk).reindex()

    @admin.display(description="preview")
    def preview_image(self, obj: Asset) -> SafeString | str:
        return cells.thumbnail(obj.stored_file)

    @admin.display(description="title", ordering="title_key")
    def named(self, obj: Asset) -> str:
        return obj.title

    @admin.display(description="URL")
    def url_link(self, obj: Asset) -> SafeString | str:
        return cells.link(obj.stored_file.url)

    @admin.display(description="state")
    def state(self, obj: Asset) -> str:
        return obj.stored_file.get_state_display()

    @admin.display(description="link")
    def link_status(self, obj: Asset) -> str:
        return obj.stored_file.get_link_status_display() if obj.stored_file.url else cells.NOTHING

    @admin.display(description="seen by")
    def seen_by(self, obj: Asset) -> str:
        return cells.seen_by(obj)

    @admin.display(description="size", ordering="size")
    def readable_size(self, obj: Asset) -> str:
        return format_size(obj.size)

    @admin.display(description="stored file")
    def content(self, obj: Asset) -> SafeString:
        return cells.page_of(obj.stored_file)
