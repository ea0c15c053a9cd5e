"""When assets were private, and whose: only the owner at the time learns what was changed while they were.

`history` walks through all changes of one asset; here, a few changes of many assets are asked about.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from assets.audit import owners
from assets.audit.log import LogEntry
from assets.models import Asset, User, Visibility


@dataclass(frozen=True)
class PrivateTimes:
    """`turns`: by asset, the changes of its visibility or owner, latest first."""

    user: User
    turns: dict[str, list[LogEntry]]

    @classmethod
    def of(cls, asset_pks: Iterable[str], user: User, *, since: int) -> "PrivateTimes":
        """For log entries from the id `since` on."""
        of_assets = LogEntry.objects.filter(object_pk__in=list(asset_pks), pk__gte=since)
        changed = Q(changes__has_key="visibility") | Q(changes__has_key="owner")
        turns: dict[str, list[LogEntry]] = defaultdict(list)
        for turn in of_assets.filter(changed, action=LogEntry.Action.UPDATE).order_by("-pk"):
            turns[turn.object_pk].append(turn)
        return cls(user, turns)

    def may_know(self, asset: Asset, pk: int, request: str | None) -> bool:
        """Whether the person may know of a log entry with this id and `cid`, of an asset that they see now."""
        owner_id: int | None = asset.owner_id
        is_private, is_turn = asset.visibility == Visibility.PRIVATE, False
        for turn in self.turns.get(str(asset.pk), ()):
            # What was changed together with the visibility may be from before.
            is_together = turn.pk == pk or bool(request and turn.cid == request)
            if turn.pk < pk and not is_together:
                break
            changes, is_turn = turn.changes or {}, is_turn or is_together
            if "visibility" in changes:
                is_private = changes["visibility"][0] == Visibility.PRIVATE
            if "owner" in changes:
                owner_id = owners.get_former_owner_id(turn.additional_data)
        return owner_id == self.user.pk or not (is_private or is_turn)
