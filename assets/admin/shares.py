"""Shared links in the admin: who shares what with people without an account. They are revoked at `/shares/`."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin.lists import ReadOnlyAdmin
from assets.models import Share, User
from assets.shares import access


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin[Share]):
    list_title = "Shared links"
    list_display = ("name", "created_by", "state", "created_at", "expires_at", "views", "last_viewed_at")
    list_filter = ("includes_later", "includes_private", "shows_urls", "allows_downloads")
    list_select_related = ("created_by", "collection")
    sortable_by = ("created_at",)
    search_fields = ("name",)  # shows the search box; search() does the search
    search_help_text = "A title, or the username of who made it."
    date_hierarchy = "created_at"
    fields = (
        "name", "created_by", "sharer_name", "state", "collection", "includes_later", "includes_private", "shows_urls",
        "allows_downloads", "created_at", "expires_at", "revoked_at", "revoked_by", "views", "last_viewed_at", "page",
    )  # fmt: skip

    def search(self, rows: QuerySet[Share], text: str, user: User) -> QuerySet[Share]:
        return rows.filter(Q(name__icontains=text) | Q(created_by__username=text))

    @admin.display(description="state")
    def state(self, obj: Share) -> str:
        return access.get_state(obj, timezone.now()).label

    @admin.display(description="page")
    def page(self, obj: Share) -> SafeString:
        """Where it can be revoked."""
        return format_html('<a href="{0}">{0}</a>', obj.get_absolute_url())
