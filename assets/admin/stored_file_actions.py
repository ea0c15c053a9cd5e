"""Actions on stored files, or on the files of assets: check their links, re-upload and retry them."""

from collections.abc import Iterable, Iterator

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from assets.admin.actions import MAX_EXAMPLES, ActionPreview, AdminAction, Examples, make_admin_action
from assets.delivery import requeue
from assets.delivery.requeue import LinkSummary
from assets.links import schedule
from assets.models import Asset, StoredFile
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.permissions import AuthHttpRequest
from assets.text.formats import format_size, pluralise

Rows = QuerySet[Model]


def _get_files(rows: Rows) -> StoredFileQuerySet:
    """The stored files of a list of stored files or of assets, without what the list joins to them."""
    column = "stored_file" if rows.model is Asset else "pk"
    return StoredFile.objects.filter(pk__in=rows.order_by().values(column))


# --- Check links -----------------------------------------------------------------------------------------------------


def _preview_check(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> ActionPreview:
    summary = requeue.summarise_links(_get_files(rows))
    wont = [f"{pluralise(summary.without_url, 'file')} without a URL."] if summary.without_url else []
    return ActionPreview(list(_describe_check(summary)), wont)


def _describe_check(summary: LinkSummary) -> Iterator[str]:
    if summary.links:
        yield (
            f"Check {pluralise(summary.links, 'link')} before all others. A link is marked as broken or changed only "
            "after a second check."
        )
    if summary.minutes_to_check > 1:
        yield f"This takes about {summary.minutes_to_check} minutes."


def _check(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> str:
    count = schedule.check_now(_get_files(rows))
    return f"Checking {pluralise(count, 'link')} now." if count else "None of these files has a URL to check."


# --- Re-upload broken links ------------------------------------------------------------------------------------------


def _preview_reupload(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> ActionPreview:
    files = _get_files(rows)
    summary = requeue.summarise_links(files)
    will = (
        f"Re-upload {pluralise(summary.reuploadable, 'file')} from the original "
        f"({format_size(summary.reuploadable_bytes)}). Each keeps its URL until it has a new one."
    )
    return ActionPreview(
        [will] if summary.reuploadable else [],
        list(_describe_skipped(summary)),
        [
            Examples("Will be re-uploaded", _describe_links(files.reuploadable())),
            Examples("Without an original", _describe_links(files.lost().filter(original=""))),
        ],
    )


def _describe_skipped(summary: LinkSummary) -> Iterator[str]:
    if summary.pending:
        yield f"{pluralise(summary.pending, 'file is', 'files are')} already being re-uploaded."
    if summary.without_original:
        yield f"{pluralise(summary.without_original, 'file')} without an original. {requeue.NO_ORIGINAL}"
    if working := summary.links - summary.lost:
        yield f"{pluralise(working, 'file')} whose link is not broken or changed."


def _describe_links(files: StoredFileQuerySet) -> list[str]:
    return [f"{file}, {file.get_link_status_display()}: {file.url}" for file in files[:MAX_EXAMPLES]]


def _reupload(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> str:
    files = _get_files(rows)
    summary = requeue.summarise_links(files)  # before they are queued
    count = requeue.reupload(files)
    done = f"Re-uploading {pluralise(count, 'file')}." if count else "No files re-uploaded."
    return " ".join([done, *_describe_skipped(summary)])


# --- Retry failed uploads --------------------------------------------------------------------------------------------


def _preview_retry(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> ActionPreview:
    files = _get_files(rows)
    failed = files.failed()
    failed_count, other_count = failed.count(), files.exclude(pk__in=failed.values("pk")).count()
    return ActionPreview(
        [f"Retry {pluralise(failed_count, 'failed upload')}."] if failed_count else [],
        [f"{pluralise(other_count, 'file')} that did not fail."] if other_count else [],
        [Examples("Will be retried", _describe_errors(failed[:MAX_EXAMPLES]))],
    )


def _describe_errors(files: Iterable[StoredFile]) -> list[str]:
    return [f"{file}: {file.error}" for file in files]


def _retry(request: AuthHttpRequest, rows: Rows, form: forms.Form) -> str:
    count = requeue.retry(_get_files(rows))
    if not count:
        raise ValidationError("None of these uploads has failed.")
    return f"Retrying {pluralise(count, 'upload')}."


check_links = make_admin_action(AdminAction("check_links", "Check links now", _preview_check, _check))
reupload = make_admin_action(AdminAction("reupload", "Re-upload broken links", _preview_reupload, _reupload))
retry = make_admin_action(AdminAction("retry", "Retry failed uploads", _preview_retry, _retry))
