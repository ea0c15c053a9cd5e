"""Who owned an asset before and after a change, by account: a username can be given to somebody else later.

An entry of the audit log shows the usernames of that time in `changes`, and keeps the ids of the accounts in
`additional_data`. Ids mean nothing in another installation, so an archive has today's usernames instead.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from assets.models import User

IDS, NAMES = "owner_ids", "owners"
Data = dict[str, Any]


def find_ids(usernames: Iterable[str]) -> dict[str, int]:
    """The ids of accounts by their present usernames."""
    return dict(User.objects.filter(username__in=set(usernames)).values_list("username", "pk"))


def add_ids(additional_data: Data | None, owners: Iterable[str], ids: Mapping[str, int]) -> Data:
    """`additional_data` with the accounts of an owner before and after; None for those that are unknown."""
    return {**(additional_data or {}), IDS: [ids.get(name) for name in owners]}


def get_former_owner_id(additional_data: Data | None) -> int | None:
    """Whose the asset was before its owner changed; None if unknown."""
    former: int | None = ((additional_data or {}).get(IDS) or [None])[0]
    return former


def to_archive(rows: Iterable[Data]) -> None:
    """Replace the ids in rows of the log by today's usernames."""
    with_ids = [row["additional_data"] for row in rows if IDS in (row["additional_data"] or {})]
    ids = {pk for data in with_ids for pk in data[IDS]}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "username")) if ids else {}
    for data in with_ids:
        data[NAMES] = [names.get(pk) for pk in data.pop(IDS)]


def from_archive(additional_data: Data) -> Data:
    """The opposite. Ids in an archive are those of another installation. Raises ValueError."""
    kept = {name: value for name, value in additional_data.items() if name not in (IDS, NAMES)}
    owners = additional_data.get(NAMES)
    if owners is None:
        return kept
    if not isinstance(owners, list) or not all(isinstance(name, str | None) for name in owners):
        raise ValueError("not owners")
    return add_ids(kept, owners, find_ids(filter(None, owners)))
