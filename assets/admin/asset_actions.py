"""What administrators do to entries, whoever's they are: the verbs of the library's pages, for everybody's entries."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone

from assets.admin.actions import MOST_SHOWN, Deed, Example, Outlook, action_of, counted
from assets.bulk import run
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.actions.change_owner import ChangeOwner
from assets.bulk.export import COLUMNS, FORMATS, asset_row
from assets.bulk.selection import Selection
from assets.models import Asset, User, Visibility
from assets.permissions import AuthHttpRequest
from assets.search.pagination import NEWEST
from assets.text.formats import format_count
from assets.web.responses import stream_download


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.active(),
        label="New owner",
        widget=AutocompleteSelect(Asset._meta.get_field("owner"), admin.site),
        help_text="What is private stays so: then only the new owner sees it, and the administration.",
    )


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(
        choices=[(Visibility.TEAM, "Everyone in the team"), (Visibility.PRIVATE, "Only the owner of each")],
        label="Seen by",
    )


class ExportForm(forms.Form):
    without_addresses = forms.BooleanField(
        required=False, label="Leave out what has a URL with an e-mail address in it"
    )


# --- Verbs --------------------------------------------------------------------------------------------------------


def _deed(verb: BulkAction, form: type[forms.Form] = forms.Form) -> Deed:
    return Deed(verb.name, verb.title, _looking(verb), _doing(verb), form)


def _looking(verb: BulkAction) -> Callable[[AuthHttpRequest, QuerySet, Any], Outlook]:
    def look(request: AuthHttpRequest, rows: QuerySet, form: Any) -> Outlook:
        pks, wish = _chosen(request, rows), _wish(request, form)
        outcome = run.preview(verb, pks, wish)
        changed, left = run.examples(verb, pks, wish, limit=MOST_SHOWN)
        return Outlook(
            [f"{verb.title}: {counted(outcome.changed, 'entry', 'entries')}."] if outcome.changed else [],
            [f"{counted(outcome.unchanged, 'entry', 'entries')} ({verb.unchanged})."] if outcome.unchanged else [],
            [
                Example.of("To be changed", map(_in_a_line, changed)),
                Example.of("Left as they are", map(_in_a_line, left)),
            ],
            is_possible=bool(outcome.changed),
        )

    return look


def _doing(verb: BulkAction) -> Callable[[AuthHttpRequest, QuerySet, Any], str]:
    def do(request: AuthHttpRequest, rows: QuerySet, form: Any) -> str:
        return run.describe(verb, run.apply(verb, _chosen(request, rows), _wish(request, form)))

    return do


def _wish(request: AuthHttpRequest, form: Any) -> ActionContext:
    return ActionContext(request.user, timezone.now(), for_everyone=True, **getattr(form, "cleaned_data", {}))


def _chosen(request: AuthHttpRequest, rows: QuerySet) -> list[UUID]:
    return _selection(request, rows).pks()


def _selection(request: AuthHttpRequest, rows: Any) -> Selection:
    return Selection(NEWEST.sort(rows, request.user), NEWEST, request.user)


def _in_a_line(asset: Asset) -> str:
    return f"{asset.title} ({asset.owner.get_username()})"


# --- Exports ------------------------------------------------------------------------------------------------------


def _export(form_name: str) -> Deed:
    def look(request: AuthHttpRequest, rows: QuerySet, form: Any) -> Outlook:
        entries = format_count(_selection(request, _wanted(rows, form)).count())
        return Outlook([f"A file with {entries} entries, sent while it is read: {', '.join(COLUMNS)}."])

    def do(request: AuthHttpRequest, rows: QuerySet, form: Any) -> HttpResponseBase:
        media_type, write = FORMATS[form_name]
        selection = _selection(request, _wanted(rows, form))
        exported = (asset_row(request, asset) for batch in selection.batches() for asset in batch)
        return stream_download(write(exported), media_type, f"assets.{form_name}")

    return Deed(f"export_{form_name}", f"Export as {form_name.upper()}", look, do, ExportForm, needs="view")


def _wanted(rows: QuerySet, form: Any) -> QuerySet:
    return rows.exclude(stored_file__url_has_address=True) if form.cleaned_data["without_addresses"] else rows


hand_over = action_of(_deed(ChangeOwner(), OwnerForm))
change_visibility = action_of(_deed(ACTIONS["visibility"], VisibilityForm))
move_to_trash = action_of(_deed(ACTIONS["trash"]))
restore = action_of(_deed(ACTIONS["restore"]))
purge = action_of(_deed(ACTIONS["purge"]))
export_csv = action_of(_export("csv"))
export_json = action_of(_export("json"))
