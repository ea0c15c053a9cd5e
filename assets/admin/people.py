"""Accounts at /admin/: found, named, given a password. What they may do is changed at /people/, which has the rules."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets import permissions
from assets.models import User

admin.site.unregister(Group)  # nobody is in one


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "email", "role_name", "is_active", "last_login")
    list_filter = ("is_active", "role")
    filter_horizontal = ()
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("At /people/", {"fields": ("page", "role_name", "is_active", "date_joined", "last_login")}),
    )
    readonly_fields = ("page", "role_name", "is_active", "date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people are invited

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # an account is closed, and what it has done stays known

    @admin.display(description="role")
    def role_name(self, obj: User) -> str:
        role = permissions.get_role(obj)
        return role.label if role else "–"

    @admin.display(description="page")
    def page(self, obj: User) -> SafeString:
        address = reverse("person", args=[obj.pk])
        return format_html('<a href="{}">Role, password link, closing, handing over</a>', address)
