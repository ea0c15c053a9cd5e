"""Contents in the administration: where each one is, who has it, and every exchange that carried it."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from assets.admin import cells, filters, links
from assets.admin.lists import ReadOnlyAdmin, get_signed_in_user
from assets.library.file_views import preview_response
from assets.models import Asset, StoredFile
from assets.search import admin_lookup
from assets.text.formats import format_size

# Of the people who have a content, and of the exchanges that carried it, its page names so many.
MOST_NAMED = 50
OWNERS_IN_LIST = 3


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = (
        "preview_image", "short_hash", "url_link", "state", "link_status", "media_type", "readable_size", "owners",
        "created_at",
    )  # fmt: skip
    list_display_links = ("short_hash",)
    list_filter = (
        "state", "link_status", "url_has_address", filters.KindFilter, filters.SizeFilter, filters.HolderFilter,
        filters.ContentCollectionFilter,
    )  # fmt: skip
    sortable_by = ("created_at",)
    search_fields = ("sha256",)  # there is a search box; what is looked for where is up to get_search_results()
    search_help_text = admin_lookup.HINT
    date_hierarchy = "created_at"
    actions = (links.check_now, links.upload_again, links.retry)
    fieldsets = (
        (None, {"fields": ("preview_image", "url_link", "state", "error", "media_type", "readable_size", "sha256")}),
        ("Who has it", {"fields": ("entries",)}),
        (
            "Link",
            {"fields": ("link_status", "link_checked_at", "link_check_at", "url_has_address", "past_urls")},
        ),
        (
            "Delivery",
            {"fields": ("created_at", "stored_at", "stored_with", "attempts", "next_attempt_at", "exchanges")},
        ),
        ("Content", {"fields": ("width", "height", "duration", "preview_error", "has_original")}),
    )

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        owned = Asset.objects.select_related("owner").only("stored_file", "title", "owner__username")
        return super().get_queryset(request).prefetch_related(Prefetch("assets", owned.order_by("created_at", "id")))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        user = get_signed_in_user(request)
        return admin_lookup.search_stored_files(queryset, search_term, user=user, now=timezone.now()), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<uuid:pk>/preview/", view, name="assets_storedfile_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        stored_file = StoredFile.objects.filter(pk=pk).first()
        if stored_file is None or not self.has_view_permission(request):
            raise Http404("There is no such file.")
        return preview_response(stored_file)

    @admin.display(description="preview")
    def preview_image(self, obj: StoredFile) -> SafeString | str:
        return cells.thumbnail(obj)

    @admin.display(description="hash")
    def short_hash(self, obj: StoredFile) -> str:
        return obj.sha256[:12]

    @admin.display(description="size")
    def readable_size(self, obj: StoredFile) -> str:
        return format_size(obj.size)

    @admin.display(description="URL")
    def url_link(self, obj: StoredFile) -> SafeString | str:
        return cells.link(obj.url)

    @admin.display(description="original kept here", boolean=True)
    def has_original(self, obj: StoredFile) -> bool:
        return bool(obj.original)

    @admin.display(description="who has it")
    def owners(self, obj: StoredFile) -> str:
        names = [asset.owner.get_username() for asset in obj.assets.all()]
        more = f" and {len(names) - OWNERS_IN_LIST} more" if len(names) > OWNERS_IN_LIST else ""
        return ", ".join(names[:OWNERS_IN_LIST]) + more or "nobody"

    @admin.display(description="entries")
    def entries(self, obj: StoredFile) -> SafeString | str:
        held = obj.assets.select_related("owner").order_by("created_at", "id")[:MOST_NAMED]
        rows = (
            (cells.page_of(asset), asset.owner.get_username(), cells.seen_by(asset), _day(asset.created_at))
            for asset in held
        )
        return cells.table(("Entry", "Person", "Seen by", "Since"), rows)

    @admin.display(description="exchanges")
    def exchanges(self, obj: StoredFile) -> SafeString | str:
        carried = obj.requests.latest_first()[:MOST_NAMED]  # type: ignore[attr-defined]
        rows = (
            (
                cells.page_of(row, f"{timezone.localtime(row.started_at):%Y-%m-%d %H:%M:%S}"),
                row.get_outcome_display() or "open",
                row.status or "",
                f"{row.file_count} files",
                row.message,
                links.key_name(row.key_fingerprint),
            )
            for row in carried
        )
        return cells.table(("Began", "Outcome", "Status", "With it", "Message", "Key"), rows)

    @admin.display(description="key that stored it")
    def stored_with(self, obj: StoredFile) -> SafeString | str:
        return links.stored_with(obj)

    @admin.display(description="past URLs")
    def past_urls(self, obj: StoredFile) -> SafeString | str:
        return links.past_urls(obj)


def _day(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"
