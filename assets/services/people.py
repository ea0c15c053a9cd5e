"""Names of people are part of what their entries are found by: when a person is called otherwise, so are they."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from assets.tasks import renew

NAMES = ("username", "first_name", "last_name")


def remember(sender: type, instance: Any, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """What a person is called until now (receiver of `pre_save`)."""
    instance._names_before = None
    if instance.pk and (update_fields is None or not update_fields.isdisjoint(NAMES)):
        people = get_user_model()._default_manager.filter(pk=instance.pk)
        instance._names_before = people.values_list(*NAMES).first()


def renew_entries(sender: type, instance: Any, **_: Any) -> None:
    """Have the entries of a person found by the new name (receiver of `post_save`)."""
    if instance._names_before not in (None, tuple(getattr(instance, name) for name in NAMES)):
        transaction.on_commit(lambda: renew.enqueue("owner", [instance.pk]))
