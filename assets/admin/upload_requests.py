"""The ledger in the administration: every exchange with Segmind, and which files it carried."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from assets.admin import cells, links
from assets.admin.lists import ReadOnlyAdmin
from assets.models import Outcome, UploadRequest
from assets.search import admin_lookup
from assets.text.formats import format_size

MOST_NAMED = 100


@admin.register(UploadRequest)
class UploadRequestAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "outcome", "status", "file_count", "body_size", "message", "key")
    list_filter = ("outcome", links.KeyFilter)
    sortable_by = ("started_at",)
    search_fields = ("message",)  # there is a search box; what is looked for where is up to get_search_results()
    search_help_text = (
        "What the server said, a worker, the beginning of a key's fingerprint; or a file's URL, hash or id"
    )
    date_hierarchy = "started_at"
    fields = (
        "started_at", "finished_at", "lease_expires_at", "outcome", "status", "message", "retry_at", "file_count",
        "body_size", "worker", "key", "carried",
    )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet, bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if files := admin_lookup.find_files(text):
            carried = UploadRequest.files.through.objects.filter(storedfile__in=files)
            return queryset.filter(pk__in=carried.values("uploadrequest")), False
        said = ~Q(outcome=Outcome.STORED) & Q(message__icontains=text)
        return queryset.filter(said | Q(worker=text) | Q(key_fingerprint__startswith=text)), False

    @admin.display(description="body")
    def body_size(self, obj: UploadRequest) -> str:
        return format_size(obj.body_bytes)

    @admin.display(description="key")
    def key(self, obj: UploadRequest) -> str:
        return links.key_name(obj.key_fingerprint)

    @admin.display(description="files")
    def carried(self, obj: UploadRequest) -> SafeString | str:
        files = obj.files.all()[:MOST_NAMED]
        rows = (
            (cells.page_of(file), file.get_state_display(), format_size(file.size), cells.link(file.url))
            for file in files
        )
        return cells.table(("File", "State now", "Size", "URL now"), rows)
