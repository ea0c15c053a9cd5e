"""What administrators see and do about stored URLs and keys: a filter, cells, and actions."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets.admin import cells
from assets.admin.actions import MOST_SHOWN, Deed, Example, Outlook, action_of, counted
from assets.delivery import requeue
from assets.delivery.requeue import reupload
from assets.links import schedule
from assets.models import Asset, StoredFile, UploadRequest
from assets.models.stored_files import StoredFileQuerySet
from assets.models.upload_requests import STORING
from assets.segmind.client import key_fingerprint
from assets.text.formats import format_size


class KeyFilter(admin.SimpleListFilter):
    title = "key"
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(found, key_name(found)) for found in UploadRequest.objects.fingerprints()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(key_fingerprint=self.value()) if self.value() else queryset


def key_name(fingerprint: str) -> str:
    return f"{fingerprint} (in use)" if fingerprint == key_fingerprint() else fingerprint


def stored_with(stored_file: StoredFile) -> SafeString | str:
    """The key of the exchange that stored a file, leading to all that was sent with it."""
    exchange = UploadRequest.objects.filter(files=stored_file, outcome__in=STORING).latest_first().first()
    if exchange is None:
        return cells.NOTHING
    address = f"{reverse('admin:assets_uploadrequest_changelist')}?key={exchange.key_fingerprint}"
    return format_html('<a href="{}">{}</a>', address, key_name(exchange.key_fingerprint))


def past_urls(stored_file: StoredFile) -> SafeString | str:
    rows = ((cells.link(past.url), f"{past.replaced_at:%Y-%m-%d}", past.why) for past in stored_file.past_urls.all())
    return cells.table(("URL", "Until", "Then it was"), rows)


# --- Actions, on files or on the files of entries -----------------------------------------------------------------


def _files_of(rows: QuerySet) -> StoredFileQuerySet:
    """The stored files of rows that are files or entries, without what a list reads beside them."""
    column = "stored_file" if rows.model is Asset else "pk"
    return StoredFile.objects.filter(pk__in=rows.order_by().values(column))


def _look_at_check(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
    outlook = requeue.summarise_links(_files_of(rows))
    will = [
        f"{_links(outlook.links)} will be looked at, before all others. What does not lead to its file is looked at a "
        "second time, and believed then."
    ]
    if outlook.minutes_to_check > 1:
        will.append(f"At the pace that is set this takes about {outlook.minutes_to_check} minutes.")
    wont = [f"{counted(outlook.without_url, 'file')} without a URL."] if outlook.without_url else []
    return Outlook(will if outlook.links else [], wont, is_possible=bool(outlook.links))


def _check(request: HttpRequest, rows: QuerySet, form: Any) -> str:
    count = schedule.check_now(_files_of(rows))
    are = "is" if count == 1 else "are"
    return f"{_links(count)} {are} looked at now, before all others." if count else "None of them has a URL to look at."


def _look_at_healing(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
    files = _files_of(rows)
    outlook = requeue.summarise_links(files)
    will = [
        f"{counted(outlook.reuploadable, 'file')} will be uploaded again from the original "
        f"({format_size(outlook.reuploadable_bytes)}). The old URL stays until the new one is there."
    ]
    return Outlook(
        will if outlook.reuploadable else [],
        list(_not_healed(outlook)),
        (
            Example.of("To be uploaded again", map(_in_a_line, files.reuploadable()[:MOST_SHOWN])),
            Example.of("Without an original", map(_in_a_line, files.lost().filter(original="")[:MOST_SHOWN])),
        ),
        is_possible=bool(outlook.reuploadable),
    )


def _not_healed(outlook: requeue.LinkSummary) -> Iterator[str]:
    if outlook.pending:
        yield f"{outlook.pending} on their way already: nothing more is sent."
    if outlook.without_original:
        yield f"{outlook.without_original} cannot be uploaded again. {requeue.NO_ORIGINAL}"
    if fine := outlook.links - outlook.lost:
        yield f"{counted(fine, 'file')} whose URL was not found broken or changed."


def _heal(request: HttpRequest, rows: QuerySet, form: Any) -> str:
    before = requeue.summarise_links(_files_of(rows))
    parts = []
    if count := reupload(_files_of(rows)):
        parts.append(f"{counted(count, 'file is', 'files are')} uploaded again.")
    if before.pending:
        parts.append(f"{before.pending} on their way already.")
    if before.without_original:
        parts.append(f"{before.without_original} without an original. {requeue.NO_ORIGINAL}")
    return " ".join(parts) or "None of them is broken or changed."


def _look_at_retrying(request: HttpRequest, rows: QuerySet, form: Any) -> Outlook:
    files = _files_of(rows)
    failed, others = files.failed().count(), files.exclude(pk__in=files.failed().values("pk")).count()
    return Outlook(
        [f"{counted(failed, 'failed file')} will be sent again, as if received now."] if failed else [],
        [f"{counted(others, 'file')} that did not fail."] if others else [],
        [Example.of("To be sent again", (f"{file}: {file.error}" for file in files.failed()[:MOST_SHOWN]))],
        is_possible=bool(failed),
    )


def _retry(request: HttpRequest, rows: QuerySet, form: Any) -> str:
    count = requeue.retry(_files_of(rows))
    if not count:
        raise ValidationError("None of them has failed.")
    return f"{counted(count, 'failed file is', 'failed files are')} sent again."


def _links(count: int) -> str:
    return counted(count, "link")


def _in_a_line(file: StoredFile) -> str:
    return f"{file}, {file.get_link_status_display()}: {file.url}"


check_now = action_of(Deed("check_now", "Check links now", _look_at_check, _check))
upload_again = action_of(Deed("upload_again", "Upload again what is broken or changed", _look_at_healing, _heal))
retry = action_of(Deed("retry", "Send failed files again", _look_at_retrying, _retry))
