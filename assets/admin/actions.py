"""What is done to rows that are chosen in a list: first a page that says what will be done, and then the deed.

Rows can be chosen one by one, or all that a list has on all its pages; a deed works through them in batches.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from assets.permissions import AuthHttpRequest

MOST_SHOWN = 20


@dataclass(frozen=True)
class Example:
    """A few rows of a sort, each in a line."""

    title: str
    lines: Sequence[str]

    @classmethod
    def of(cls, title: str, rows: Iterable[object]) -> "Example":
        return cls(title, [str(row) for row in rows])


@dataclass(frozen=True)
class Outlook:
    """What a deed would do, and what it would not do and why; `is_possible`: whether there is anything to do."""

    will: Sequence[str] = ()
    wont: Sequence[str] = ()
    examples: Sequence[Example] = ()
    is_possible: bool = True


@dataclass(frozen=True)
class Deed:
    """`look` says what `do` would do with the rows and the form; `do` answers with a message, or with a file.

    Both may raise ValidationError, where it cannot be done at all.
    """

    name: str
    title: str
    look: Callable[[AuthHttpRequest, QuerySet, Any], Outlook]
    do: Callable[[AuthHttpRequest, QuerySet, Any], "str | HttpResponseBase"]
    form: type[forms.Form] = forms.Form
    needs: str = "act"


def action_of(deed: Deed) -> Any:
    """The deed as an action of a ModelAdmin."""

    def action(model_admin: admin.ModelAdmin, request: AuthHttpRequest, queryset: QuerySet) -> HttpResponseBase | None:
        return _previewed(deed, model_admin, request, queryset)

    action.__name__ = deed.name
    return admin.action(action, description=deed.title, permissions=[deed.needs])


def _previewed(
    deed: Deed, model_admin: admin.ModelAdmin, request: AuthHttpRequest, rows: QuerySet
) -> HttpResponseBase | None:
    is_answered = "asked" in request.POST or "confirmed" in request.POST
    form = deed.form(request.POST if is_answered else None)
    is_told = not form.fields or form.is_valid()
    try:
        if is_told and "confirmed" in request.POST:
            result = deed.do(request, rows, form)
            if isinstance(result, HttpResponseBase):
                return result
            model_admin.message_user(request, result, messages.SUCCESS)
            return None
        outlook = deed.look(request, rows, form) if is_told else None
    except ValidationError as error:
        outlook = Outlook(wont=error.messages, is_possible=False)
    return _asked(deed, model_admin, request, form, outlook)


def _asked(
    deed: Deed, model_admin: admin.ModelAdmin, request: AuthHttpRequest, form: forms.Form, outlook: Outlook | None
) -> TemplateResponse:
    """The page that asks for what the deed needs, or says what it will do."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "title": deed.title,
        "deed": deed,
        "form": form,
        "outlook": outlook,
        "most_shown": MOST_SHOWN,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/assets/action.html", context)


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 entry`, `1,200 files`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
