"""Accounts in the admin: their names, e-mail addresses and passwords. /people/ changes roles and closes accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets import permissions
from assets.accounts import roles
from assets.admin import cells
from assets.admin.generic import AdminPasswordChangeForm, UserAdmin, UserChangeForm
from assets.admin.stale_forms import StaleForm
from assets.models import User

admin.site.unregister(Group)  # not in use


class PasswordForm(AdminPasswordChangeForm[User]):
    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if not self.cleaned_data["set_usable_password"]:
            try:
                roles.refuse_last_administrator(self.user)
            except ValidationError as error:
                self.add_error("usable_password", error)
        return data


class PersonForm(StaleForm[User], UserChangeForm[User]):
    pass


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    list_display = ("username", "email", "role_name", "is_active", "last_login")
    list_filter = ("is_active", "role")
    filter_horizontal = ()
    form = PersonForm
    change_password_form = PasswordForm
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("Account", {"fields": ("people_link", "role_name", "is_active", "date_joined", "last_login", "shown")}),
    )
    readonly_fields = ("people_link", "role_name", "is_active", "date_joined", "last_login")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "People", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people are invited

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # accounts are closed, which keeps the audit log readable

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """In one transaction, in which nobody else can stop being an administrator."""
        return super().user_change_password(request, id, form_url)

    @admin.display(description="role")
    def role_name(self, obj: User) -> str:
        role = permissions.get_role(obj)
        return role.label if role else cells.EMPTY

    @admin.display(description="People page")
    def people_link(self, obj: User) -> SafeString:
        url = reverse("person", args=[obj.pk])
        return format_html('<a href="{}">Change role, create password link, close account or reassign assets</a>', url)
