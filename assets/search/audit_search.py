"""Search the audit log, and describe its records for export."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from assets.audit import history
from assets.audit.log import LogEntry
from assets.models import Asset, User
from assets.models.assets import AssetQuerySet
from assets.search import admin_lookup
from assets.text.normalise import normalise_name

# What records are about: the model's app and its name for people.
RECORD_TYPES = {
    "asset": ("assets", "Asset"),
    "storedfile": ("assets", "Stored file"),
    "tag": ("assets", "Tag"),
    "collection": ("assets", "Collection"),
    "savedsearch": ("assets", "Saved search"),
    "referenceset": ("assets", "Reference set"),
    "share": ("assets", "Share"),
    "user": ("assets", "Person"),
}
# There are few of these, so their names can be searched without an index.
NAMED_TYPES = ("tag", "collection", "savedsearch", "referenceset", "user")
ACTIONS = {LogEntry.Action.CREATE: "created", LogEntry.Action.UPDATE: "changed", LogEntry.Action.DELETE: "deleted"}
AuditRow = TypedDict(
    "AuditRow",
    {
        "at": str,
        "by": str,
        "from": str | None,
        "did": str,
        "sort": str,
        "id": str,
        "name": str,
        "changes": dict[str, dict[str, str]],
        "run": str | None,
    },
)
COLUMNS = tuple(AuditRow.__annotations__)
# How many of the matching assets, newest first, to find records of.
MAX_ASSETS = 1000
HINT = "A person, command or task; a URL, hash or id; or words in the name of an asset, tag, collection or person."
_RUN_ID = re.compile(r"[0-9a-f]{32}")


def search(records: QuerySet[LogEntry], text: str, *, user: User, now: datetime) -> QuerySet[LogEntry]:
    """Records by or about what the text names."""
    text = text.strip()
    if _RUN_ID.fullmatch(text) and (run := records.filter(cid=text)).exists():
        return run
    people = _find_people(text)
    if [person.get_username() for person in people] == [text]:
        return records.filter(actor__in=people)
    return records.filter(_is_about(text, user, now) | Q(actor__in=people) | Q(actor=None, additional_data__by=text))


def get_content_type(model: str) -> ContentType:
    return ContentType.objects.get_by_natural_key(RECORD_TYPES[model][0], model)


def describe_type(record: LogEntry) -> str:
    """What a record is about: `Asset`, `Tag`."""
    model = record.content_type.model
    return RECORD_TYPES[model][1] if model in RECORD_TYPES else model


def as_row(record: LogEntry) -> AuditRow:
    """Everything a record says, by COLUMNS."""
    return {
        "at": record.timestamp.isoformat(),
        "by": history.get_actor_name(record),
        "from": record.remote_addr,
        "did": ACTIONS.get(record.action, record.get_action_display()),
        "sort": describe_type(record),
        "id": record.object_pk,
        "name": record.object_repr,
        "changes": {
            change.field: {"before": change.before, "after": change.after}
            for change in history.get_changes(record.changes)
        },
        "run": record.cid,
    }


def _find_people(text: str) -> list[User]:
    exact, name = User.objects.filter(username=text), normalise_name(text)
    return list(exact) or [user for user in User.objects.all() if name in map(normalise_name, _names(user))]


def _names(user: User) -> Iterable[str]:
    return filter(None, (user.first_name, user.last_name))


def _is_about(text: str, user: User, now: datetime) -> Q:
    files = admin_lookup.find_files(text)
    if files is not None:
        matches = [Asset.objects.filter(stored_file__in=files)]
    else:
        # Each has an index in this order; both together have none.
        rows = (Asset.objects.current(), Asset.objects.trashed())
        matches = [admin_lookup.search_assets(some, text, user=user, now=now) for some in rows]
    pks = {str(pk) for pk in files or []} | {pk for assets in matches for pk in _newest_ids(assets)}
    if _is_id(text):
        pks.add(str(uuid.UUID(text)))
    elif text.isdecimal():
        pks.add(text)
    has_name = Q(content_type__in=[get_content_type(model).pk for model in NAMED_TYPES], object_repr__icontains=text)
    return Q(object_pk__in=pks) | has_name


def _newest_ids(assets: AssetQuerySet) -> Iterable[str]:
    return map(str, assets.order_by("-created_at", "-pk").values_list("pk", flat=True)[:MAX_ASSETS])


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
