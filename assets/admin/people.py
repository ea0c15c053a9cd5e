"""Accounts at /admin/: found, named, given a password. What they may do is changed at /people/, which has the rules."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets import permissions
from assets.models.roles import with_role

User: Any = get_user_model()
admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "email", "role", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("At /people/", {"fields": ("page", "role", "is_active", "date_joined", "last_login")}),
    )
    readonly_fields = ("page", "role", "is_active", "date_joined", "last_login")

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_role(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people are invited

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # an account is closed, and what it has done stays known

    @admin.display(description="role")
    def role(self, obj: Any) -> str:
        role = permissions.role_of(obj)
        return role.label if role else "–"

    @admin.display(description="page")
    def page(self, obj: Any) -> SafeString:
        address = reverse("person", args=[obj.pk])
        return format_html('<a href="{}">Role, password link, closing, handing over</a>', address)
