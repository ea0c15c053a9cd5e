"""People: their roles, and what becomes of their entries when they are called otherwise."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assets.models import Role, User
from assets.models.users import UserQuerySet
from assets.search.reindex import reindex_assets

NAMES = ("username", "first_name", "last_name")
LAST = "This is the last administrator who can sign in. Make somebody else one first."


# --- Roles -------------------------------------------------------------------------------------------------------


def change_role(person: User, role: Role) -> None:
    """Raises ValidationError for the last administrator."""
    with transaction.atomic():
        if role != Role.ADMINISTRATOR:
            refuse_last_administrator(person)
        person.role = role
        person.save(update_fields=["role"])


def refuse_last_administrator(person: User) -> None:
    """Raises ValidationError where nobody would be left who can look after people; to be called in a transaction."""
    # Locked, and only then looked at: two who take the role from each other at once do not both succeed.
    list(_active_administrators().select_for_update())
    if [one.pk for one in _active_administrators() if one.has_usable_password()] == [person.pk]:
        raise ValidationError(LAST, code="last_administrator")


def _active_administrators() -> UserQuerySet:
    return User.objects.active().filter(role=Role.ADMINISTRATOR).order_by("pk")


def uploaders() -> UserQuerySet:
    """People who can sign in and upload, by name."""
    return User.objects.active().with_role_from(Role.MEMBER).order_by("username")


# --- Names. They are part of what entries are found by: when a person is called otherwise, so are they. ----------


def remember(sender: type, instance: Any, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """What a person is called until now (receiver of `pre_save`)."""
    instance._names_before = None
    if instance.pk and (update_fields is None or not update_fields.isdisjoint(NAMES)):
        instance._names_before = User.objects.filter(pk=instance.pk).values_list(*NAMES).first()


def renew_entries(sender: type, instance: Any, **_: Any) -> None:
    """Have the entries of a person found by the new name (receiver of `post_save`)."""
    if instance._names_before not in (None, tuple(getattr(instance, name) for name in NAMES)):
        transaction.on_commit(lambda: reindex_assets.enqueue("owner", [instance.pk]))
