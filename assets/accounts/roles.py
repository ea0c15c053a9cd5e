"""Changing a person's role, and keeping their assets findable when they are renamed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assets.models import Role, User
from assets.search.reindex import reindex_assets

SEARCHED_NAMES = ("username", "first_name", "last_name")
LAST_ADMINISTRATOR = "This is the last administrator who can sign in. Make somebody else an administrator first."


def change_role(person: User, role: Role, *, shown: str = "") -> None:
    """`shown`: the role that the change was made from.

    Raises ValidationError if it is another one by now, and for the last administrator.
    """
    with transaction.atomic():
        if role != Role.ADMINISTRATOR:
            refuse_last_administrator(person)
        _lock(person)
        if shown and person.role not in (shown, role):
            raise ValidationError(_describe_change(person), code="conflict")
        person.role = role
        person.save(update_fields=["role"])


def _lock(person: User) -> None:
    list(User.objects.filter(pk=person.pk).select_for_update().values_list("pk"))
    person.refresh_from_db(fields=["role"])


def _describe_change(person: User) -> str:
    role = Role(person.role).label.lower() if person.role in Role.values else person.role
    return (
        f"Somebody else has changed {person.get_username()}’s role to {role} since you opened this page, so nothing "
        "was saved. If you still want to, change the role again."
    )


def refuse_last_administrator(person: User) -> None:
    """Raises ValidationError if nobody else could manage people. Call it in a transaction."""
    # Lock before looking, so that two administrators cannot demote each other at the same moment.
    administrators = User.objects.administrators().order_by("pk")
    list(administrators.select_for_update())
    if [user.pk for user in administrators.all() if user.has_usable_password()] == [person.pk]:
        raise ValidationError(LAST_ADMINISTRATOR, code="last_administrator")


def remember_names(sender: type, instance: Any, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """Keep the names from before the change until `post_save` (receiver of `pre_save`)."""
    instance._names_before = None
    if instance.pk and (update_fields is None or not update_fields.isdisjoint(SEARCHED_NAMES)):
        instance._names_before = User.objects.filter(pk=instance.pk).values_list(*SEARCHED_NAMES).first()


def reindex_renamed(sender: type, instance: Any, **_: Any) -> None:
    """Reindex the assets of a renamed person (receiver of `post_save`)."""
    if instance._names_before not in (None, tuple(getattr(instance, name) for name in SEARCHED_NAMES)):
        reindex_assets.enqueue("owner", [instance.pk])
