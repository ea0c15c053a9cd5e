"""What the log says about a change that somebody wants to take back."""

from collections.abc import Collection as Some
from datetime import datetime
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from assets.audit.log import LogEntry
from assets.models import Collection, Tag, User


def changed_by_others(pks: Some[UUID], user: User, since: datetime) -> set[UUID]:
    """Those of the assets that anybody else, or a task, has changed since."""
    entries = LogEntry.objects.filter(object_pk__in=[str(pk) for pk in pks], timestamp__gt=since)
    others = entries.filter(~Q(actor=user.pk) | Q(actor=None))
    return {UUID(pk) for pk in others.values_list("object_pk", flat=True)}


def labels_made_in(request: str, model: type[Tag] | type[Collection], user: User) -> set[UUID]:
    """The tags or collections that this request of the person made, and that nobody else has changed."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
    made = entries.filter(cid=request, action=LogEntry.Action.CREATE).values_list("object_pk", flat=True)
    pks = set(made) if request else set()
    touched = entries.filter(~Q(actor=user.pk) | Q(actor=None), object_pk__in=pks)
    return {UUID(pk) for pk in pks - set(touched.values_list("object_pk", flat=True))}
