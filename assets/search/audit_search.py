"""The trail of all changes, as administrators search it and take it along."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from assets.audit import log
from assets.audit.log import LogEntry
from assets.models import Asset
from assets.models.assets import User
from assets.search import admin_lookup

# What records are about: the model, and what it is called.
SORTS = {
    "asset": ("assets", "Entry"),
    "storedfile": ("assets", "Stored file"),
    "tag": ("assets", "Tag"),
    "collection": ("assets", "Collection"),
    "user": ("auth", "Person"),
    "group": ("auth", "Group"),
}
# Of these there are few, so that what they are called can be looked through.
FEW = ("tag", "collection", "user", "group")
DEEDS = {LogEntry.Action.CREATE: "made", LogEntry.Action.UPDATE: "changed", LogEntry.Action.DELETE: "removed"}
COLUMNS = ("at", "by", "from", "did", "sort", "id", "name", "changes", "run")
# Of the entries that a word finds, records of so many are looked for, the newest.
MOST_FOUND = 1000
HINT = "A person, command or task; an id, or the URL or hash of a file; or words of entries, tags, collections, people"
_RUN = re.compile(r"[0-9a-f]{32}")


def found(records: QuerySet, text: str, *, user: User, now: datetime) -> QuerySet:
    """Records by or about what is meant by a text."""
    text = text.strip()
    if _RUN.fullmatch(text) and (run := records.filter(cid=text)).exists():
        return run
    people = _people(text)
    if [person.get_username() for person in people] == [text]:
        return records.filter(actor__in=people)
    return records.filter(_about(text, user, now) | Q(actor__in=people) | Q(actor=None, additional_data__by=text))


def content_type(sort: str) -> ContentType:
    return ContentType.objects.get_by_natural_key(SORTS[sort][0], sort)


def sort_of(record: LogEntry) -> str:
    """What it is about, in a word."""
    model = record.content_type.model
    return SORTS[model][1] if model in SORTS else model


def facts(record: LogEntry) -> dict[str, Any]:
    """All that a record says, by COLUMNS."""
    return {
        "at": record.timestamp.isoformat(),
        "by": log.doer_of(record),
        "from": record.remote_addr,
        "did": DEEDS.get(record.action, record.get_action_display()),
        "sort": sort_of(record),
        "id": record.object_pk,
        "name": record.object_repr,
        "changes": {
            change.field: {"before": change.before, "after": change.after} for change in log.changes_of(record)
        },
        "run": record.cid,
    }


def _people(text: str) -> list[Any]:
    people, username = get_user_model()._default_manager, get_user_model().USERNAME_FIELD
    exact = people.filter(**{username: text})
    return list(exact or people.filter(Q(first_name__iexact=text) | Q(last_name__iexact=text))[:MOST_FOUND])


def _about(text: str, user: User, now: datetime) -> Q:
    files = admin_lookup.named(text)
    if files is not None:
        entries = [Asset.objects.filter(stored_file__in=files)]
    else:
        # Of each an index has the order, and of both together none.
        rows = (Asset.objects.current(), Asset.objects.trashed())
        entries = [admin_lookup.entries(some, text, user=user, now=now) for some in rows]
    pks = {str(pk) for pk in files or []} | {pk for found in entries for pk in _pks_of(found)}
    if _is_id(text):
        pks.add(str(uuid.UUID(text)))
    elif text.isdecimal():
        pks.add(text)
    called = Q(content_type__in=[content_type(sort).pk for sort in FEW], object_repr__icontains=text)
    return Q(object_pk__in=pks) | called


def _pks_of(rows: Any) -> Iterable[str]:
    return map(str, rows.order_by("-created_at", "-pk").values_list("pk", flat=True)[:MOST_FOUND])


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
