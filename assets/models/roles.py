"""The four roles that people have, each a group of Django's with permissions of its own."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, OuterRef, Subquery, When


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
    """People with `group_role`: the name of the group that gives them their role, None where no group does."""
    ranks = [When(group__name=role.group, then=rank) for rank, role in enumerate(Role)]
    through: Any = get_user_model().groups.through  # type: ignore[attr-defined]
    memberships = through.objects.filter(user=OuterRef("pk"), group__name__in=[role.group for role in Role])
    highest = memberships.annotate(rank=Case(*ranks)).order_by("-rank").values("group__name")[:1]
    return people.annotate(group_role=Subquery(highest))
