"""The trail of all changes in the administration: to be searched and taken along, not to be changed."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin import cells, filters
from assets.admin.actions import Deed, Outlook, action_of
from assets.admin.lists import ReadOnlyAdmin, get_signed_in_user
from assets.audit import log
from assets.audit.log import LogEntry
from assets.bulk.export import write_csv, write_json
from assets.models import Asset
from assets.search import audit_search
from assets.text.formats import MAX_COUNTED, format_count
from assets.web.responses import stream_download

LONGEST = 160
BATCH = 500


class SortFilter(admin.SimpleListFilter):
    title = "what it is about"
    parameter_name = "sort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(sort, name) for sort, (_, name) in audit_search.RECORD_TYPES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value not in audit_search.RECORD_TYPES:
            return queryset
        return queryset.filter(content_type=audit_search.get_content_type(value))


class DeedFilter(admin.SimpleListFilter):
    title = "what was done"
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(int(action)), name) for action, name in audit_search.ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset.filter(action=int(value)) if value and value.isdecimal() else queryset


class DoerFilter(filters.AutocompleteFilter):
    title = "person"
    parameter_name = "by"
    relation = Asset._meta.get_field("owner")

    def having(self, queryset: QuerySet, chosen: Any) -> QuerySet:
        return queryset.filter(actor=chosen)


# --- Exports ------------------------------------------------------------------------------------------------------


def _export(name: str) -> Deed:
    def look(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
        count = format_count(rows.order_by()[: MAX_COUNTED + 1].count())
        return Outlook([f"A file with {count} records, sent while it is read: {', '.join(audit_search.COLUMNS)}."])

    def do(request: HttpRequest, rows: QuerySet, form: Any) -> HttpResponseBase:
        facts = map(audit_search.as_row, _records(rows))
        if name == "csv":
            lines = write_csv((row | {"changes": _in_words(row["changes"])} for row in facts), audit_search.COLUMNS)
            return stream_download(lines, "text/csv; charset=utf-8", "audit.csv")
        return stream_download(write_json(facts, "records"), "application/json", "audit.json")

    return Deed(f"export_{name}", f"Export as {name.upper()}", look, do, needs="view")


def _records(rows: QuerySet) -> Iterator[LogEntry]:
    return rows.select_related("actor", "content_type").order_by("-timestamp", "-pk").iterator(chunk_size=BATCH)


def _in_words(changes: dict[str, dict[str, str]]) -> str:
    return "; ".join(f"{field}: {change['before']} → {change['after']}" for field, change in changes.items())


# --- The list -----------------------------------------------------------------------------------------------------

admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ("timestamp", "doer", "deed", "sort", "named", "changed", "remote_addr")
    list_filter = (DeedFilter, SortFilter, DoerFilter)
    list_select_related = ("actor", "content_type")
    sortable_by = ("timestamp",)
    search_fields = ("object_pk",)  # there is a search box; what is looked for where is up to get_search_results()
    search_help_text = audit_search.HINT
    date_hierarchy = "timestamp"
    actions = (action_of(_export("csv")), action_of(_export("json")))
    fields = ("timestamp", "doer", "remote_addr", "deed", "sort", "named", "object_pk", "differences", "run")

    @property
    def media(self) -> forms.Media:
        return super().media + filters.AUTOCOMPLETE_MEDIA

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-timestamp", "-pk")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        user = get_signed_in_user(request)
        return audit_search.search(queryset, search_term, user=user, now=timezone.now()), False

    @admin.display(description="who")
    def doer(self, obj: LogEntry) -> str:
        return log.doer_of(obj) or cells.NOTHING

    @admin.display(description="did")
    def deed(self, obj: LogEntry) -> str:
        return audit_search.as_row(obj)["did"]

    @admin.display(description="what")
    def sort(self, obj: LogEntry) -> str:
        return audit_search.describe_type(obj)

    @admin.display(description="which")
    def named(self, obj: LogEntry) -> SafeString | str:
        """Leads to its page, where it has one that it can still have."""
        name = f"admin:{obj.content_type.app_label}_{obj.content_type.model}_change"
        try:
            address = reverse(name, args=[obj.object_pk])
        except NoReverseMatch:
            return obj.object_repr
        is_gone = obj.action == LogEntry.Action.DELETE or obj.object_repr == log.REMOVED
        return obj.object_repr if is_gone else format_html('<a href="{}">{}</a>', address, obj.object_repr)

    @admin.display(description="before → after")
    def changed(self, obj: LogEntry) -> str:
        text = _in_words(audit_search.as_row(obj)["changes"])
        return f"{text[:LONGEST]}…" if len(text) > LONGEST else text

    @admin.display(description="changes")
    def differences(self, obj: LogEntry) -> SafeString | str:
        rows = ((change.field, change.before, change.after) for change in log.changes_of(obj))
        return cells.table(("Field", "Before, or taken off", "After, or put on"), rows)

    @admin.display(description="in one go with it")
    def run(self, obj: LogEntry) -> SafeString | str:
        if not obj.cid:
            return cells.NOTHING
        return format_html('<a href="{}?q={}">{}</a>', reverse("admin:auditlog_logentry_changelist"), obj.cid, obj.cid)
