"""Django's generic classes as bases. Only its type stubs let them take a parameter, so at run time it is ignored."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.auth.admin import UserAdmin
    from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
    from django.core.paginator import Paginator
    from django.forms import ModelForm
else:
    from django.contrib import admin
    from django.contrib.auth import admin as auth_admin
    from django.contrib.auth import forms as auth_forms
    from django.core import paginator
    from django.forms import models as form_models

    class _Subscriptable:
        def __class_getitem__(cls, parameter: object) -> type:
            return cls

    class ModelAdmin(_Subscriptable, admin.ModelAdmin):
        pass

    class TabularInline(_Subscriptable, admin.TabularInline):
        pass

    class UserAdmin(_Subscriptable, auth_admin.UserAdmin):
        pass

    class AdminPasswordChangeForm(_Subscriptable, auth_forms.AdminPasswordChangeForm):
        pass

    class UserChangeForm(_Subscriptable, auth_forms.UserChangeForm):
        pass

    class Paginator(_Subscriptable, paginator.Paginator):
        pass

    class ModelForm(_Subscriptable, form_models.ModelForm):
        pass


__all__ = [
    "AdminPasswordChangeForm",
    "ModelAdmin",
    "ModelForm",
    "Paginator",
    "TabularInline",
    "UserAdmin",
    "UserChangeForm",
]
