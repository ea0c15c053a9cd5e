"""Upload requests in the admin: every request to Segmind, and the files it sent."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from assets.admin import cells
from assets.admin.generic import ModelAdmin
from assets.admin.lists import ReadOnlyAdmin
from assets.models import Outcome, UploadRequest, User
from assets.search import admin_lookup
from assets.segmind.client import key_fingerprint
from assets.text.formats import format_size

MAX_FILES = 100


def describe_key(fingerprint: str) -> str:
    return f"{fingerprint} (in use)" if fingerprint == key_fingerprint() else fingerprint


class KeyFilter(admin.SimpleListFilter):
    title = "key"
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[UploadRequest]) -> list[tuple[str, str]]:
        return [(fingerprint, describe_key(fingerprint)) for fingerprint in UploadRequest.objects.fingerprints()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UploadRequest]) -> QuerySet[UploadRequest]:
        return queryset.filter(key_fingerprint=self.value()) if self.value() else queryset


@admin.register(UploadRequest)
class UploadRequestAdmin(ReadOnlyAdmin[UploadRequest]):
    list_display = ("started_at", "outcome", "status", "file_count", "body_size", "message", "key")
    list_filter = ("outcome", KeyFilter)
    sortable_by = ("started_at",)
    search_fields = ("message",)  # shows the search box; search() does the search
    search_help_text = "Part of a message, a worker, the start of a key’s fingerprint, or a file’s URL, hash or id."
    date_hierarchy = "started_at"
    fields = (
        "started_at", "finished_at", "lease_expires_at", "outcome", "status", "message", "retry_at", "file_count",
        "body_size", "worker", "key", "sent_files",
    )  # fmt: skip

    def search(self, rows: QuerySet[UploadRequest], text: str, user: User) -> QuerySet[UploadRequest]:
        if files := admin_lookup.find_files(text):
            links = UploadRequest.files.through.objects.filter(storedfile__in=files)
            return rows.filter(pk__in=links.values("uploadrequest"))
        # Most requests stored their files and have no message. Leaving them out saves reading most of the table.
        has_message = ~Q(outcome=Outcome.STORED) & Q(message__icontains=text)
        return rows.filter(has_message | Q(worker=text) | Q(key_fingerprint__startswith=text))

    @admin.display(description="size")
    def body_size(self, obj: UploadRequest) -> str:
        return format_size(obj.body_bytes)

    @admin.display(description="key")
    def key(self, obj: UploadRequest) -> str:
        return describe_key(obj.key_fingerprint)

    @admin.display(description="files")
    def sent_files(self, obj: UploadRequest) -> SafeString | str:
        rows = (
            (
                cells.change_page_link(file),
                file.get_state_display(),
                format_size(file.size),
                cells.external_link(file.url),
            )
            for file in obj.files.all()[:MAX_FILES]
        )
        return cells.table(("File", "Current state", "Size", "Current URL"), rows)
