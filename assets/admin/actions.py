"""Actions on the rows selected in a list. Each first shows a page that says what it will do, then does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from assets.admin.generic import ModelAdmin
from assets.admin.lists import as_signed_in
from assets.permissions import AuthHttpRequest

MAX_EXAMPLES = 20
RowsT = TypeVar("RowsT", bound=QuerySet[Model])
ModelAdminAction = Callable[[ModelAdmin[Any], HttpRequest, Any], HttpResponseBase | None]


@dataclass(frozen=True)
class Examples:
    """Some of the rows that an action changes or leaves alone: at most `MAX_EXAMPLES`, one a line."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class ActionPreview:
    """What an action will do and what it won't, in sentences. It is possible only if there is something to do."""

    will: Sequence[str] = ()
    wont: Sequence[str] = ()
    examples: Sequence[Examples] = ()
    errors: Sequence[str] = ()


@dataclass(frozen=True)
class AdminAction(Generic[RowsT]):
    """`preview` says what `run` would do to the rows; `run` returns a message, or a file to download.

    Both get the valid form and may raise ValidationError. `permission` is one of the ModelAdmin's `has_…_permission`.
    """

    name: str
    title: str
    preview: Callable[[AuthHttpRequest, RowsT, forms.Form], ActionPreview]
    run: Callable[[AuthHttpRequest, RowsT, forms.Form], str | HttpResponseBase]
    form: type[forms.Form] = forms.Form
    permission: str = "change_action"


def make_admin_action(action: AdminAction[RowsT]) -> ModelAdminAction:
    """The action in the form that `ModelAdmin.actions` takes."""

    def respond(model_admin: ModelAdmin[Model], request: HttpRequest, rows: RowsT) -> HttpResponseBase | None:
        return _respond(action, model_admin, as_signed_in(request), rows)

    respond.__name__ = action.name
    return admin.action(respond, description=action.title, permissions=[action.permission])


def _respond(
    action: AdminAction[RowsT], model_admin: ModelAdmin[Model], request: AuthHttpRequest, rows: RowsT
) -> HttpResponseBase | None:
    is_confirmed = "confirmed" in request.POST
    is_filled_in = is_confirmed or "preview" in request.POST or not action.form.base_fields
    form = action.form(request.POST if is_filled_in else None)
    try:
        if is_confirmed and form.is_valid():
            return _run(action, model_admin, request, rows, form)
        preview = action.preview(request, rows, form) if form.is_valid() else None
    except ValidationError as error:
        preview = ActionPreview(errors=error.messages)
    return _render_preview(action, model_admin, request, form, preview)


def _run(
    action: AdminAction[RowsT], model_admin: ModelAdmin[Model], request: AuthHttpRequest, rows: RowsT, form: forms.Form
) -> HttpResponseBase | None:
    result = action.run(request, rows, form)
    if isinstance(result, HttpResponseBase):
        return result
    model_admin.message_user(request, result, messages.SUCCESS)
    return None  # back to the list


def _render_preview(
    action: AdminAction[RowsT],
    model_admin: ModelAdmin[Model],
    request: AuthHttpRequest,
    form: forms.Form,
    preview: ActionPreview | None,
) -> TemplateResponse:
    """The page that asks for what the action needs or, with a preview, for confirmation."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "title": action.title,
        "action": action,
        "form": form,
        "preview": preview,
        "max_examples": MAX_EXAMPLES,
        "selected_ids": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/assets/action.html", context)
