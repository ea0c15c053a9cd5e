import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets import (
    link_admin,
    people_admin,  # noqa: F401  (registers accounts)
)
from assets.models import Asset, Collection, StoredFile, Tag, UploadRequest
from assets.services import labelling, uploads
from assets.templatetags.library import megabytes
from assets.views.files import send_preview

admin.site.index_title = "Administration"


def thumbnail(stored_file: StoredFile) -> SafeString | str:
    if not stored_file.preview:
        return "–"
    address = reverse("admin:assets_storedfile_preview", args=[stored_file.pk])
    return format_html('<img src="{}" alt="" width="64" height="48" loading="lazy">', address)


def link(url: str) -> SafeString | str:
    if not url:
        return "–"
    return format_html('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>', url, url)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that the application writes and nobody edits by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ("preview_image", "media_type", "state", "readable_size", "url_link", "created_at")
    list_display_links = ("media_type",)
    list_filter = ("state", "link_status", "url_has_address", "media_type")
    search_fields = ("sha256", "url", "assets__title", "assets__file_name", "assets__owner__username")
    date_hierarchy = "created_at"
    actions = ("retry", link_admin.check_now, link_admin.upload_again)
    fields = (
        "preview_image", "url_link", "state", "error", "attempts", "next_attempt_at", "stored_at", "link_status",
        "link_checked_at", "link_check_at", "url_has_address", "past_urls", "media_type", "readable_size", "width",
        "height", "duration", "preview_error", "sha256", "created_at", "entries", "stored_with", "exchanges",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<uuid:pk>/preview/", view, name="assets_storedfile_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        stored_file = StoredFile.objects.filter(pk=pk).first()
        if stored_file is None or not self.has_view_permission(request):
            raise Http404("There is no such file.")
        return send_preview(stored_file)

    @admin.display(description="preview")
    def preview_image(self, obj: StoredFile) -> SafeString | str:
        return thumbnail(obj)

    @admin.display(description="size", ordering="size")
    def readable_size(self, obj: StoredFile) -> str:
        return megabytes(obj.size)

    @admin.display(description="URL")
    def url_link(self, obj: StoredFile) -> SafeString | str:
        return link(obj.url)

    @admin.display(description="who has it")
    def entries(self, obj: StoredFile) -> str:
        names = (f"{asset.owner.get_username()}: {asset.title}" for asset in obj.assets.select_related("owner"))
        return "\n".join(names) or "–"

    @admin.display(description="exchanges that carried it")
    def exchanges(self, obj: StoredFile) -> str:
        return (
            "\n".join(f"{row.started_at:%Y-%m-%d %H:%M:%S} {row}" for row in UploadRequest.objects.filter(files=obj))
            or "–"
        )

    @admin.display(description="key that stored it")
    def stored_with(self, obj: StoredFile) -> SafeString | str:
        return link_admin.stored_with(obj)

    @admin.display(description="past URLs")
    def past_urls(self, obj: StoredFile) -> SafeString | str:
        return link_admin.past_urls(obj)

    @admin.action(description="Send failed files again", permissions=["view"])
    def retry(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = uploads.retry(queryset)
        self.message_user(request, f"{count} failed files are sent again." if count else "None of them has failed.")


@admin.register(Asset)
class AssetAdmin(admin.ModelAdmin):
    list_display = (
        "preview_image",
        "title",
        "owner",
        "kind",
        "state",
        "visibility",
        "created_at",
        "trashed_at",
    )
    list_display_links = ("title",)
    list_filter = ("kind", "visibility", "stored_file__state", ("trashed_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "stored_file")
    search_fields = ("title", "file_name", "description", "owner__username", "stored_file__url", "tags__name")
    autocomplete_fields = ("tags", "collections")
    date_hierarchy = "created_at"
    show_full_result_count = False
    readonly_fields = (
        "preview_image", "url_link", "owner", "stored_file", "file_name", "kind", "size", "created_at", "updated_at",
        "trashed_at",
    )  # fmt: skip
    fields = (
        "preview_image", "url_link", "title", "description", "tags", "collections", "visibility", "owner",
        "file_name", "kind", "size", "stored_file", "created_at", "updated_at", "trashed_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an entry comes from an upload

    @admin.display(description="preview")
    def preview_image(self, obj: Asset) -> SafeString | str:
        return thumbnail(obj.stored_file)

    @admin.display(description="URL")
    def url_link(self, obj: Asset) -> SafeString | str:
        return link(obj.stored_file.url)

    @admin.display(description="state", ordering="stored_file__state")
    def state(self, obj: Asset) -> str:
        return obj.stored_file.get_state_display()

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Asset.objects.filter(pk=form.instance.pk).reindex()


class LabelAdmin(admin.ModelAdmin):
    list_display = ("name",)
    search_fields = ("name", "key")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        if change:
            labelling.rename(obj, str(obj))
        else:
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        labelling.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for label in queryset:
            labelling.delete(label)


@admin.register(Tag)
class TagAdmin(LabelAdmin):
    pass


@admin.register(Collection)
class CollectionAdmin(LabelAdmin):
    list_display = ("path",)
    autocomplete_fields = ("parent",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # It is moved on its own page, which says what goes with it.
        return ("name", "parent") if obj else ()


@admin.register(UploadRequest)
class UploadRequestAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "outcome", "status", "file_count", "body_bytes", "message")
    list_filter = ("outcome", "status", link_admin.KeyFilter)
    search_fields = ("message", "worker", "key_fingerprint")
    date_hierarchy = "started_at"
    fields = (
        "started_at", "finished_at", "lease_expires_at", "outcome", "status", "message", "retry_at", "file_count",
        "body_bytes", "worker", "key_fingerprint",
    )  # fmt: skip
