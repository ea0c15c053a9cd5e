"""The four roles that people have, each a group of Django's with permissions of its own."""

import functools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, models
from django.db.models.expressions import RawSQL


class Role(models.TextChoices):
    """In the order of what they may do: each may all that the one before it may."""

    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    MANAGER = "manager", "Manager"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def group(self) -> str:
        """The name of the group whose members have this role."""
        return f"{self.label}s"

    @property
    def grants(self) -> frozenset[str]:
        """The permissions of this application that come with it; `access` decides by them."""
        return _GRANTS[self]

    @property
    def words(self) -> str:
        return _WORDS[self]


_VIEWING = frozenset({"view_asset", "view_tag", "view_collection"})
_UPLOADING = _VIEWING | {"add_asset", "change_asset", "delete_asset", "add_tag", "add_collection"}
_MANAGING = _UPLOADING | {"manage_library", "change_tag", "delete_tag", "change_collection", "delete_collection"}
_GRANTS = {
    Role.VIEWER: _VIEWING,
    Role.MEMBER: _UPLOADING,
    Role.MANAGER: _MANAGING,
    Role.ADMINISTRATOR: _MANAGING | {"administer_library"},
}
_WORDS = {
    Role.VIEWER: "finds, copies and downloads what the team has",
    Role.MEMBER: "uploads, and changes their own entries",
    Role.MANAGER: "changes all entries of the team, tags and collections, and looks after the trash and failed uploads",
    Role.ADMINISTRATOR: "looks after people and everything at /admin/ as well",
}


def with_role(people: Any) -> Any:
    """People with `role_rank`: the place in `Role` of the highest role that groups give them, None without one."""
    # Every request asks for it, and Django's expressions for the same take three times as long as the query itself.
    return people.annotate(role_rank=RawSQL(_rank_by_group(), ()))  # noqa: S611  (of our own names)


@functools.cache
def _rank_by_group() -> str:
    person: Any = get_user_model()
    quote = connection.ops.quote_name
    memberships, groups = quote(person.groups.through._meta.db_table), quote(Group._meta.db_table)
    ranks = " ".join(f"WHEN '{role.group}' THEN {rank}" for rank, role in enumerate(Role))
    return (
        f"SELECT MAX(CASE {groups}.name {ranks} END) FROM {memberships} "  # noqa: S608  (the same)
        f"JOIN {groups} ON {groups}.id = {memberships}.group_id "
        f"WHERE {memberships}.user_id = {quote(person._meta.db_table)}.id"
    )
