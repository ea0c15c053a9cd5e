"""The audit log in the admin: searched and exported, never changed."""

from collections.abc import Iterator, Mapping

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin import cells, filters
from assets.admin.actions import ActionPreview, AdminAction, make_admin_action
from assets.admin.generic import ModelAdmin
from assets.admin.lists import ReadOnlyAdmin
from assets.audit import history, log
from assets.audit.log import LogEntry
from assets.bulk.export import write_csv, write_json
from assets.models import User
from assets.permissions import AuthHttpRequest
from assets.search import audit_search
from assets.text.formats import MAX_COUNTED, format_count, plural
from assets.text.shorten import shorten
from assets.web.responses import stream_download

MAX_CHANGES_LENGTH = 160
BATCH_SIZE = 500


class RecordTypeFilter(admin.SimpleListFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[LogEntry]) -> list[tuple[str, str]]:
        return [(model, name) for model, (_, name) in audit_search.RECORD_TYPES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        model = self.value()
        if model not in audit_search.RECORD_TYPES:
            return queryset
        return queryset.filter(content_type=audit_search.get_content_type(model))


class ChangeFilter(admin.SimpleListFilter):
    title = "change"
    parameter_name = "change"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[LogEntry]) -> list[tuple[str, str]]:
        return [(str(int(action)), name.capitalize()) for action, name in audit_search.ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        value = self.value()
        return queryset.filter(action=int(value)) if value and value.isdecimal() else queryset


class PersonFilter(filters.AutocompleteFilter[User]):
    title = "person"
    parameter_name = "person"
    relation = "owner"

    def filter_by(self, queryset: QuerySet[Model], selected: User) -> QuerySet[Model]:
        return queryset.filter(actor=selected)


# --- Exports ---------------------------------------------------------------------------------------------------------


def _preview_export(request: AuthHttpRequest, rows: QuerySet[LogEntry], form: forms.Form) -> ActionPreview:
    count = format_count(rows.order_by()[: MAX_COUNTED + 1].count())
    columns = ", ".join(audit_search.COLUMNS)
    return ActionPreview([f"Download {count} {plural(count, 'record', 'records')} with {columns}."])


def _export_csv(request: AuthHttpRequest, rows: QuerySet[LogEntry], form: forms.Form) -> HttpResponseBase:
    records = ({**row, "changes": _describe_changes(row["changes"])} for row in _read_rows(rows))
    return stream_download(write_csv(records, audit_search.COLUMNS), "text/csv; charset=utf-8", "audit.csv")


def _export_json(request: AuthHttpRequest, rows: QuerySet[LogEntry], form: forms.Form) -> HttpResponseBase:
    return stream_download(write_json(_read_rows(rows), "records"), "application/json", "audit.json")


def _read_rows(rows: QuerySet[LogEntry]) -> Iterator[audit_search.AuditRow]:
    records = rows.select_related("actor", "content_type").order_by("-timestamp", "-pk")
    return map(audit_search.as_row, records.iterator(chunk_size=BATCH_SIZE))


def _describe_changes(changes: Mapping[str, Mapping[str, str]]) -> str:
    return "; ".join(f"{field}: {change['before']} → {change['after']}" for field, change in changes.items())


export_csv = make_admin_action(
    AdminAction("export_csv", "Export as CSV", _preview_export, _export_csv, permission="view")
)
export_json = make_admin_action(
    AdminAction("export_json", "Export as JSON", _preview_export, _export_json, permission="view")
)


# --- The list --------------------------------------------------------------------------------------------------------

admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class AuditAdmin(ReadOnlyAdmin[LogEntry]):
    list_title = "Audit log"
    list_display = ("timestamp", "person", "change", "record_type", "record", "short_changes", "remote_addr")
    list_filter = (ChangeFilter, RecordTypeFilter, PersonFilter)
    list_select_related = ("actor", "content_type")
    sortable_by = ("timestamp",)
    search_fields = ("object_pk",)  # shows the search box; search() does the search
    search_help_text = audit_search.HINT
    date_hierarchy = "timestamp"
    actions = (export_csv, export_json)
    fields = (
        "timestamp", "person", "remote_addr", "change", "record_type", "record", "object_pk", "changed_fields",
        "related_changes",
    )  # fmt: skip

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-timestamp", "-pk")

    def search(self, rows: QuerySet[LogEntry], text: str, user: User) -> QuerySet[LogEntry]:
        return audit_search.search(rows, text, user=user, now=timezone.now())

    @admin.display(description="person")
    def person(self, obj: LogEntry) -> str:
        """Or the name of a command or task."""
        return history.get_actor_name(obj) or cells.EMPTY

    @admin.display(description="change")
    def change(self, obj: LogEntry) -> str:
        return audit_search.as_row(obj)["did"].capitalize()

    @admin.display(description="type")
    def record_type(self, obj: LogEntry) -> str:
        return audit_search.describe_type(obj)

    @admin.display(description="name")
    def record(self, obj: LogEntry) -> SafeString | str:
        """With a link to its page, unless it was deleted."""
        if obj.action == LogEntry.Action.DELETE or obj.object_repr == log.DELETED_ASSET:
            return str(obj.object_repr)
        try:
            url = reverse(f"admin:{obj.content_type.app_label}_{obj.content_type.model}_change", args=[obj.object_pk])
        except NoReverseMatch:
            return str(obj.object_repr)
        return format_html('<a href="{}">{}</a>', url, obj.object_repr)

    @admin.display(description="before → after")
    def short_changes(self, obj: LogEntry) -> str:
        text = _describe_changes(audit_search.as_row(obj)["changes"])
        return f"{shorten(text, MAX_CHANGES_LENGTH)}…" if len(text) > MAX_CHANGES_LENGTH else text

    @admin.display(description="changes")
    def changed_fields(self, obj: LogEntry) -> SafeString | str:
        rows = ((change.field, change.before, change.after) for change in history.get_changes(obj.changes))
        return cells.table(("Field", "Before, or removed", "After, or added"), rows)

    @admin.display(description="changed at once")
    def related_changes(self, obj: LogEntry) -> SafeString | str:
        """A link to everything that the same request or command changed."""
        if not obj.cid:
            return cells.EMPTY
        return format_html('<a href="{}?q={}">{}</a>', reverse("admin:auditlog_logentry_changelist"), obj.cid, obj.cid)
