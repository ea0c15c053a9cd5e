"""Actions on assets, whoever owns them: the library's bulk actions, and exports."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.http.response import HttpResponseBase
from django.utils import timezone

from assets.admin.actions import MAX_EXAMPLES, ActionPreview, AdminAction, Examples, make_admin_action
from assets.admin.cells import VISIBILITIES
from assets.bulk import run
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.actions.change_owner import ChangeOwner
from assets.bulk.export import COLUMNS, FORMATS, asset_row
from assets.bulk.selection import Selection
from assets.models import Asset, User
from assets.models.assets import AssetQuerySet
from assets.permissions import AuthHttpRequest
from assets.search.pagination import NEWEST
from assets.text.formats import format_count, plural, pluralise
from assets.web.responses import stream_download


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.active(),
        label="New owner",
        widget=AutocompleteSelect(Asset._meta.get_field("owner"), admin.site),
        help_text="Private assets stay private. Only the new owner and administrators will see them.",
    )


class VisibilityForm(forms.Form):
    """`since`: when this form was opened. An asset that was edited afterwards keeps its visibility."""

    visibility = forms.ChoiceField(choices=VISIBILITIES)
    since = forms.DateTimeField(required=False, initial=timezone.now, widget=forms.HiddenInput)


class ExportForm(forms.Form):
    without_emails = forms.BooleanField(required=False, label="Leave out assets whose URL contains an e-mail address")


def _make_bulk_action(action: BulkAction, form: type[forms.Form] = forms.Form) -> AdminAction[AssetQuerySet]:
    def preview(request: AuthHttpRequest, rows: AssetQuerySet, form: forms.Form) -> ActionPreview:
        pks, context = _select(request, rows).pks(), _make_context(request, form)
        result = run.preview(action, pks, context)
        changed, unchanged = run.examples(action, pks, context, limit=MAX_EXAMPLES)
        return ActionPreview(
            [f"{action.title}: {pluralise(result.changed, 'asset')}."] if result.changed else [],
            [f"{pluralise(result.unchanged, 'asset')}: {action.unchanged}."] if result.unchanged else [],
            [
                Examples("Assets that will change", _describe(changed)),
                Examples("Assets that won’t change", _describe(unchanged)),
            ],
        )

    def apply(request: AuthHttpRequest, rows: AssetQuerySet, form: forms.Form) -> str:
        context = _make_context(request, form)
        return run.describe(action, run.apply(action, _select(request, rows).pks(), context), context)

    return AdminAction(action.name, action.title, preview, apply, form)


def _select(request: AuthHttpRequest, rows: AssetQuerySet) -> Selection:
    return Selection(NEWEST.sort(rows, request.user), NEWEST, request.user)


def _make_context(request: AuthHttpRequest, form: forms.Form) -> ActionContext:
    return ActionContext(request.user, timezone.now(), for_everyone=True, **form.cleaned_data)


def _describe(assets: Iterable[Asset]) -> list[str]:
    return [f"{asset.title} ({asset.owner.get_username()})" for asset in assets]


def _make_export(format_name: str) -> AdminAction[AssetQuerySet]:
    def preview(request: AuthHttpRequest, rows: AssetQuerySet, form: forms.Form) -> ActionPreview:
        count = format_count(_select(request, _filter_exported(rows, form)).count())
        return ActionPreview([f"Download {count} {plural(count, 'asset', 'assets')} with {', '.join(COLUMNS)}."])

    def export(request: AuthHttpRequest, rows: AssetQuerySet, form: forms.Form) -> HttpResponseBase:
        media_type, write = FORMATS[format_name]
        batches = _select(request, _filter_exported(rows, form)).batches()
        exported = (asset_row(request, asset) for batch in batches for asset in batch)
        return stream_download(write(exported), media_type, f"assets.{format_name}")

    title = f"Export as {format_name.upper()}"
    return AdminAction(f"export_{format_name}", title, preview, export, ExportForm, permission="view")


def _filter_exported(rows: AssetQuerySet, form: forms.Form) -> AssetQuerySet:
    return rows.exclude(stored_file__url_has_address=True) if form.cleaned_data["without_emails"] else rows


change_owner = make_admin_action(_make_bulk_action(ChangeOwner(), OwnerForm))
change_visibility = make_admin_action(_make_bulk_action(ACTIONS["visibility"], VisibilityForm))
move_to_trash = make_admin_action(_make_bulk_action(ACTIONS["trash"]))
restore = make_admin_action(_make_bulk_action(ACTIONS["restore"]))
delete_permanently = make_admin_action(_make_bulk_action(ACTIONS["purge"]))
export_csv = make_admin_action(_make_export("csv"))
export_json = make_admin_action(_make_export("json"))
