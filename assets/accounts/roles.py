"""People: their roles, and what becomes of their entries when they are called otherwise.

A role is membership of one of Django's groups. Whoever is an administrator by it may enter /admin/ (`is_staff`), and
whoever may enter /admin/ is one: the two are kept in line, whichever of them is changed.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from assets.models import Role
from assets.search.reindex import reindex_assets

NAMES = ("username", "first_name", "last_name")
# Of these applications an administrator may do everything.
ADMINISTERED = ("assets", "auth", "auditlog", "django_tasks_database")
_ABOVE_VIEWERS = [role.group for role in Role if role != Role.VIEWER]
LAST = "This is the last administrator who can sign in. Make somebody else one first."


# --- Roles -------------------------------------------------------------------------------------------------------


def sync_roles(**_: Any) -> None:
    """Have the groups with just the permissions of the roles, and the accounts in line with them (also a receiver of
    `post_migrate`, so that every database has them)."""
    for label in ADMINISTERED:
        # There before their own turn to be made after a migration.
        create_permissions(apps.get_app_config(label), verbosity=0)
    for role in Role:
        Group.objects.get_or_create(name=role.group)[0].permissions.set(_permissions_of(role))
    align_accounts()


def align_accounts() -> None:
    """Have everybody who may enter /admin/ among the administrators, and the other way round."""
    for person in _people().filter(Q(is_staff=True) | Q(is_superuser=True)).exclude(groups__name=_administrators()):
        join_administrators(type(person), person)
    _people().filter(groups__name=_administrators(), is_staff=False).update(is_staff=True)


def _permissions_of(role: Role) -> Iterable[Permission]:
    if role == Role.ADMINISTRATOR:
        return Permission.objects.filter(content_type__app_label__in=ADMINISTERED)
    return Permission.objects.filter(content_type__app_label="assets", codename__in=role.grants)


def change_role(person: Any, role: Role) -> None:
    """Give a person that role and no other. Raises ValidationError for the last administrator."""
    with transaction.atomic():
        if role != Role.ADMINISTRATOR:
            refuse_last_administrator(person)
        others = [other.group for other in Role if other != role]
        person.groups.remove(*person.groups.filter(name__in=others))
        person.groups.add(Group.objects.get_or_create(name=role.group)[0])


def refuse_last_administrator(person: Any) -> None:
    """Raises ValidationError where nobody would be left who can look after people; to be called in a transaction."""
    # Locked, and only then looked at: two who take the role from each other at once do not both succeed.
    list(_able_administrators().select_for_update(of=("self",)))
    if [one.pk for one in _able_administrators() if one.has_usable_password()] == [person.pk]:
        raise ValidationError(LAST, code="last_administrator")


def _able_administrators() -> Any:
    administrators = Q(groups__name=_administrators()) | Q(is_staff=True) | Q(is_superuser=True)
    return _people().filter(pk__in=_people().filter(administrators).values("pk"), is_active=True).order_by("pk")


def uploaders() -> Any:
    """People who can sign in and upload, by name."""
    viewers = _people().filter(groups__name=Role.VIEWER.group).exclude(groups__name__in=_ABOVE_VIEWERS)
    return _people().filter(is_active=True).exclude(pk__in=viewers.values("pk"), is_staff=False).order_by("username")


def _people() -> Any:
    return get_user_model()._default_manager


def _administrators() -> str:
    return Role.ADMINISTRATOR.group


def join_administrators(sender: type, instance: Any, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """Who may enter /admin/ is an administrator (receiver of `post_save`)."""
    is_about_it = update_fields is None or not update_fields.isdisjoint({"is_staff", "is_superuser"})
    if is_about_it and (instance.is_staff or instance.is_superuser):
        instance.groups.add(Group.objects.get_or_create(name=_administrators())[0])


def follow_groups(instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **_: Any) -> None:
    """Administrators may enter /admin/, and who is none any more may not (receiver of `m2m_changed`)."""
    if action not in ("post_add", "post_remove", "post_clear") or (reverse and pk_set is None):
        return
    for person in _people().filter(pk__in=pk_set if reverse else [instance.pk]):
        is_one = person.groups.filter(name=_administrators()).exists()
        if person.is_staff != is_one or person.is_superuser > is_one:
            person.is_staff, person.is_superuser = is_one, person.is_superuser and is_one
            person.save(update_fields=["is_staff", "is_superuser"])
        if not reverse:
            instance.is_staff, instance.is_superuser = person.is_staff, person.is_superuser
            vars(instance).pop("role_rank", None)


# --- Names. They are part of what entries are found by: when a person is called otherwise, so are they. ----------


def remember(sender: type, instance: Any, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """What a person is called until now (receiver of `pre_save`)."""
    instance._names_before = None
    if instance.pk and (update_fields is None or not update_fields.isdisjoint(NAMES)):
        instance._names_before = _people().filter(pk=instance.pk).values_list(*NAMES).first()


def renew_entries(sender: type, instance: Any, **_: Any) -> None:
    """Have the entries of a person found by the new name (receiver of `post_save`)."""
    if instance._names_before not in (None, tuple(getattr(instance, name) for name in NAMES)):
        transaction.on_commit(lambda: reindex_assets.enqueue("owner", [instance.pk]))
