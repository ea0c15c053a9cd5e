"""Stored files in the admin: each content once, with its links, its owners and every request that sent it."""

import uuid
from typing import cast

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin import cells, filters, stored_file_actions
from assets.admin.lists import ReadOnlyAdmin
from assets.admin.upload_requests import describe_key
from assets.library.file_views import preview_response
from assets.media.formats import format_name
from assets.models import Asset, StoredFile, UploadRequest, User
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.models.upload_requests import STORING
from assets.search import admin_lookup
from assets.text.formats import format_size, pluralise

# On the page of a file.
MAX_ASSETS = 50
MAX_REQUESTS = 50
MAX_OWNERS_IN_LIST = 3


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin[StoredFile]):
    list_display = (
        "preview_image", "title", "owners", "url_to_copy", "state_chip", "link_chip", "format", "file_size",
        "created_at",
    )  # fmt: skip
    list_display_links = ("title",)
    list_filter = (
        "state", "link_status", "url_has_address", filters.KindFilter, filters.SizeFilter,
        filters.StoredFileOwnerFilter, filters.StoredFileCollectionFilter,
    )  # fmt: skip
    sortable_by = ("created_at",)
    search_fields = ("sha256",)  # shows the search box; search() does the search
    search_help_text = admin_lookup.HINT
    date_hierarchy = "created_at"
    actions = (stored_file_actions.check_links, stored_file_actions.reupload, stored_file_actions.retry)
    fieldsets = (
        (None, {"fields": ("preview_image", "segmind_url", "state", "error", "media_type", "file_size", "sha256")}),
        ("Assets", {"fields": ("assets",)}),
        ("Link", {"fields": ("link_status", "link_checked_at", "link_check_at", "url_has_address", "past_urls")}),
        (
            "Delivery",
            {"fields": ("created_at", "stored_at", "stored_with", "attempts", "next_attempt_at", "upload_requests")},
        ),
        ("Content", {"fields": ("width", "height", "duration", "warning", "preview_error", "has_original")}),
    )

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredFile]:
        owned = Asset.objects.select_related("owner").only("stored_file", "title", "owner__username")
        return super().get_queryset(request).prefetch_related(Prefetch("assets", owned.order_by("created_at", "id")))

    def search(self, rows: QuerySet[StoredFile], text: str, user: User) -> QuerySet[StoredFile]:
        return admin_lookup.search_stored_files(cast(StoredFileQuerySet, rows), text, user=user, now=timezone.now())

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

    @admin.display(description="title")
    def title(self, obj: StoredFile) -> SafeString:
        """Of the first asset with this content; without one, the content has only its hash."""
        first = next(iter(obj.assets.all()), None)
        return format_html('{} <code class="hash">{}</code>', first or "No asset", obj.sha256[:12])

    @admin.display(description="type")
    def format(self, obj: StoredFile) -> str:
        return format_name(obj.media_type)

    @admin.display(description="URL")
    def url_to_copy(self, obj: StoredFile) -> SafeString | str:
        return cells.copied_url(obj.url)

    @admin.display(description="state")
    def state_chip(self, obj: StoredFile) -> SafeString:
        return cells.state(obj)

    @admin.display(description="link")
    def link_chip(self, obj: StoredFile) -> SafeString | str:
        return cells.link(obj)

    @admin.display(description="size")
    def file_size(self, obj: StoredFile) -> str:
        return format_size(obj.size)

    @admin.display(description="Segmind URL")
    def segmind_url(self, obj: StoredFile) -> SafeString | str:
        return cells.external_link(obj.url)

    @admin.display(description="original kept", boolean=True)
    def has_original(self, obj: StoredFile) -> bool:
        return bool(obj.original)

    @admin.display(description="owners")
    def owners(self, obj: StoredFile) -> str:
        names = [asset.owner.get_username() for asset in obj.assets.all()]
        more = f" and {len(names) - MAX_OWNERS_IN_LIST} more" if len(names) > MAX_OWNERS_IN_LIST else ""
        return ", ".join(names[:MAX_OWNERS_IN_LIST]) + more or cells.EMPTY

    @admin.display(description="assets")
    def assets(self, obj: StoredFile) -> SafeString | str:
        rows = (
            (cells.change_page_link(asset), asset.owner.get_username(), cells.visibility(asset), asset.created_at)
            for asset in obj.assets.select_related("owner").order_by("created_at", "id")[:MAX_ASSETS]
        )
        return cells.table(("Asset", "Owner", "Visibility", "Uploaded"), rows)

    @admin.display(description="upload requests")
    def upload_requests(self, obj: StoredFile) -> SafeString | str:
        rows = (
            (
                cells.change_page_link(row, cells.format_value(row.started_at)),
                row.get_outcome_display() or "Open",
                row.status,
                pluralise(row.file_count, "file"),
                row.message,
                describe_key(row.key_fingerprint),
            )
            for row in UploadRequest.objects.filter(files=obj).latest_first()[:MAX_REQUESTS]
        )
        return cells.table(("Started", "Outcome", "Status", "Files", "Message", "Key"), rows)

    @admin.display(description="stored with key")
    def stored_with(self, obj: StoredFile) -> SafeString | str:
        """The key of the request that stored the file, with a link to everything sent with that key."""
        request = UploadRequest.objects.filter(files=obj, outcome__in=STORING).latest_first().first()
        if request is None:
            return cells.EMPTY
        url = f"{reverse('admin:assets_uploadrequest_changelist')}?key={request.key_fingerprint}"
        return format_html('<a href="{}">{}</a>', url, describe_key(request.key_fingerprint))

    @admin.display(description="past URLs")
    def past_urls(self, obj: StoredFile) -> SafeString | str:
        rows = (
            (cells.external_link(past.url), past.replaced_at, past.get_why_display()) for past in obj.past_urls.all()
        )
        return cells.table(("URL", "Replaced", "Status then"), rows)
