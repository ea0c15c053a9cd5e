"""Accounts in the admin: their names, e-mail addresses and passwords. /people/ changes roles and closes accounts."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets import permissions
from assets.admin import cells
from assets.admin.generic import UserAdmin
from assets.models import User

admin.site.unregister(Group)  # not in use


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    list_display = ("username", "email", "role_name", "is_active", "last_login")
    list_filter = ("is_active", "role")
    filter_horizontal = ()
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("Account", {"fields": ("people_link", "role_name", "is_active", "date_joined", "last_login")}),
    )
    readonly_fields = ("people_link", "role_name", "is_active", "date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people are invited

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # accounts are closed, which keeps the audit log readable

    @admin.display(description="role")
    def role_name(self, obj: User) -> str:
        role = permissions.get_role(obj)
        return role.label if role else cells.EMPTY

    @admin.display(description="People page")
    def people_link(self, obj: User) -> SafeString:
        url = reverse("person", args=[obj.pk])
        return format_html('<a href="{}">Change role, create password link, close account or reassign assets</a>', url)
