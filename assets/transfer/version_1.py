"""Archives of version 1, in which roles followed from groups and flags, and preferences had a table of their own."""

from collections.abc import Callable
from typing import BinaryIO

from assets.models import Role, User
from assets.transfer import archive
from assets.transfer.archive import DamagedArchiveError, Manifest, Row, TableManifest
from assets.transfer.table import Table

_VERSION = 1
_TABLES = ("groups", "preferences")
_COLUMNS = ("is_staff", "is_superuser", "groups", "user_permissions")
_ROLES = {f"{role.label}s": role for role in Role}  # by the name of the group


def get_remaining_tables(manifest: Manifest) -> list[TableManifest]:
    """The tables of an archive of any version that still are tables."""
    return [table for table in manifest.tables if manifest.version > _VERSION or table.name not in _TABLES]


def get_readable_columns(manifest: Manifest, table: Table) -> set[str]:
    return {*table.columns, *(_COLUMNS if _has_groups(manifest, table) else ())}


def get_required_columns(manifest: Manifest, table: Table) -> set[str]:
    return table.required_columns - {"role"} | {"groups"} if _has_groups(manifest, table) else table.required_columns


def _has_groups(manifest: Manifest, table: Table) -> bool:
    return manifest.version <= _VERSION and table.model is User


def get_upgrade(source: BinaryIO, manifest: Manifest) -> Callable[[Table, Row], Row]:
    """A function that converts rows of this archive to the current version. Raises ArchiveError."""
    if manifest.version > _VERSION:
        return lambda table, row: _rename_layout(row) if table.model is User else row
    preferences = _read_preferences(source, manifest)
    return lambda table, row: _upgrade_person(row, preferences) if table.model is User else row


def _read_preferences(source: BinaryIO, manifest: Manifest) -> dict[str, Row]:
    """Preferences by username."""
    tables = {table.member_name: table for table in manifest.tables if table.name == "preferences"}
    preferences: dict[str, Row] = {}
    for member in archive.read_members(source):
        if member.name in tables:
            for row in archive.read_rows(member, tables[member.name]):
                if not isinstance(row.get("user"), str):
                    raise DamagedArchiveError("its preferences belong to nobody")
                preferences[row["user"]] = row
    return preferences


def _upgrade_person(person: Row, preferences: dict[str, Row]) -> Row:
    upgraded = person | {"role": _get_role(person)}
    if (chosen := preferences.get(person["username"])) is not None:
        upgraded |= {"layout": chosen.get("layout"), "has_seen_email_notice": chosen.get("knows_of_addresses")}
    return _rename_layout(upgraded)


def _rename_layout(person: Row) -> Row:
    """What was one grid has become three sizes, also in early archives of the current version."""
    return person | {"layout": "medium"} if person.get("layout") == "grid" else person


def _get_role(person: Row) -> Role:
    """The highest role that flags and groups gave; member without any."""
    if person.get("is_staff") is True or person.get("is_superuser") is True:
        return Role.ADMINISTRATOR
    groups = person.get("groups", [])
    if not isinstance(groups, list):
        raise ValueError("not a list")
    roles = [role for group, role in _ROLES.items() if group in groups]
    return max(roles, key=lambda role: role.rank, default=Role.MEMBER)
