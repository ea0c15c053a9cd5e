"""Archives of version 1, from before people had a role of their own: it followed from the groups that they were in and
from two flags of Django's, and their preferences were a table. All that is put into one row of a person here.
"""

from collections.abc import Callable
from typing import BinaryIO

from assets.models import Role, User
from assets.transfer import archive
from assets.transfer.archive import Manifest, TableEntry, damaged
from assets.transfer.rows import Row
from assets.transfer.schema import Table

_TABLES = ("groups", "preferences")
_COLUMNS = ("is_staff", "is_superuser", "groups", "user_permissions")
_ROLES = {f"{role.label}s": role for role in Role}  # by the name of the group


def remaining_tables(manifest: Manifest) -> list[TableEntry]:
    """The tables of an archive, of any version, that are tables still."""
    return [table for table in manifest.tables if manifest.version >= 2 or table.name not in _TABLES]


def readable_columns(manifest: Manifest, table: Table) -> set[str]:
    is_old = manifest.version < 2 and table.model is User
    return {*table.columns, *(_COLUMNS if is_old else ())}


def upgrade_of(source: BinaryIO, manifest: Manifest) -> Callable[[Table, Row], Row]:
    """What makes rows of an archive, of any version, what they are now. Raises ArchiveError."""
    if manifest.version >= 2:
        return lambda table, row: row
    preferences = _read_preferences(source, manifest)
    return lambda table, row: _upgraded(row, preferences) if table.model is User else row


def _read_preferences(source: BinaryIO, manifest: Manifest) -> dict[str, Row]:
    """Preferences by user name."""
    entries = {entry.member: entry for entry in manifest.tables if entry.name == "preferences"}
    found: dict[str, Row] = {}
    for member in archive.members(source):
        if member.name in entries:
            for row in archive.read_rows(member, entries[member.name]):
                if not isinstance(row.get("user"), str):
                    raise damaged("its preferences are nobody's")
                found[row["user"]] = row
    return found


def _upgraded(person: Row, preferences: dict[str, Row]) -> Row:
    upgraded = person | {"role": _role_of(person)}
    if (chosen := preferences.get(person["username"])) is not None:
        upgraded |= {"layout": chosen.get("layout"), "has_seen_email_notice": chosen.get("knows_of_addresses")}
    return upgraded


def _role_of(person: Row) -> Role:
    """The highest of those that the groups gave; a member's without one."""
    if person.get("is_staff") is True or person.get("is_superuser") is True:
        return Role.ADMINISTRATOR
    groups = person.get("groups", [])
    if not isinstance(groups, list):
        raise ValueError("not a list")
    roles = [role for group, role in _ROLES.items() if group in groups]
    return max(roles, key=lambda role: role.rank, default=Role.MEMBER)
