"""A set as one person sees it: its members with their assets, as far as that person may see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlencode

from assets import permissions
from assets.catalogue.specs import ModelSpec
from assets.catalogue.store import find_model
from assets.catalogue.works_with import facts_of
from assets.models import Asset, ReferenceSet, SetMember, User, Visibility
from assets.ready_requests.body import PROMPT
from assets.ready_requests.prepare import find_trouble
from assets.reference_sets.placing import Count, Place, Reference, count_kinds, place, warn, write_prompt
from assets.reference_sets.state import TEXTS, Member, SetState


class Standing(StrEnum):
    """Whether an asset can be in a request of the person who sees the set."""

    SHOWN = "shown"
    TRASHED = "trashed"
    PRIVATE = "private"
    DELETED = "deleted"


NAMES = {
    Standing.TRASHED: "An asset in the trash",
    Standing.PRIVATE: "An asset private to somebody else",
    Standing.DELETED: "An asset that was deleted",
}


@dataclass(frozen=True)
class Item:
    """A member. `asset`: None for one that the person may not open."""

    member: SetMember
    asset: Asset | None
    standing: Standing
    place: Place
    reference: Reference

    @property
    def phrase(self) -> str:
        return self.reference.phrase

    @property
    def title(self) -> str:
        return self.asset.title if self.asset else NAMES[self.standing]

    @property
    def trouble(self) -> str:
        """Why the set cannot be copied."""
        if self.standing != Standing.SHOWN and self.asset is None:
            return f"{NAMES[self.standing]} is in this set. Remove it first."
        return find_trouble(self.asset) if self.asset else ""


@dataclass(frozen=True)
class Contents:
    reference_set: ReferenceSet
    spec: ModelSpec | None
    items: Sequence[Item]

    @cached_property
    def references(self) -> list[Reference]:
        return [item.reference for item in self.items]

    @cached_property
    def places(self) -> list[Place]:
        return [item.place for item in self.items]

    @property
    def counts(self) -> list[Count]:
        return count_kinds(self.spec, self.references, self.places)

    @property
    def takes_prompt(self) -> bool:
        return self.spec is not None and any(each.name == PROMPT for each in self.spec.parameters)

    @property
    def share_query(self) -> str:
        """What a link to its assets is made of; empty if there is nothing to show."""
        current = [item.asset for item in self.items if item.asset and not item.asset.is_trashed]
        return urlencode([("id", asset.pk) for asset in current])

    @cached_property
    def warnings(self) -> list[str]:
        return warn(self.spec, self.references, self.places)

    @property
    def troubles(self) -> list[str]:
        return list(dict.fromkeys(item.trouble for item in self.items if item.trouble))

    @property
    def prompt(self) -> str:
        return write_prompt(self.references, self.places)

    @property
    def hides_private(self) -> bool:
        """Whether others of the team cannot copy it, because of assets that only the person sees."""
        assets = [item.asset for item in self.items if item.asset]
        return self.reference_set.is_team and any(asset.visibility == Visibility.PRIVATE for asset in assets)


def read_contents(user: User, reference_set: ReferenceSet) -> Contents:
    """In a fixed number of queries."""
    members = list(reference_set.members.order_by("position", "pk"))
    assets = _find_assets(members)
    found = [(member, *_show(user, assets.get(member.asset_id))) for member in members]
    references = [_refer(member, asset, standing) for member, asset, standing in found]
    spec = find_model(reference_set.model) if reference_set.model else None
    items = [
        Item(member, asset, standing, it, reference)
        for (member, asset, standing), it, reference in zip(found, place(spec, references), references, strict=True)
    ]
    return Contents(reference_set, spec, items)


def _find_assets(members: Sequence[SetMember]) -> dict[uuid.UUID | None, Asset]:
    pks = [member.asset_id for member in members if member.asset_id]
    return dict(Asset.objects.select_related("stored_file", "owner").in_bulk(pks))


def _show(user: User, asset: Asset | None) -> tuple[Asset | None, Standing]:
    if asset is None:
        return None, Standing.DELETED
    may_open = permissions.may_open(user, asset)
    if not may_open and asset.visibility == Visibility.PRIVATE:
        return None, Standing.PRIVATE
    return (asset if may_open else None), Standing.TRASHED if asset.is_trashed else Standing.SHOWN


def _refer(member: SetMember, asset: Asset | None, standing: Standing) -> Reference:
    title = asset.title if asset else NAMES[standing]
    return Reference(member.kind, member.role, member.words, title, facts_of(asset) if asset else None)


def read_state(reference_set: ReferenceSet) -> SetState:
    members = reference_set.members.order_by("position", "pk")
    return SetState(
        **{name: getattr(reference_set, name) for name in TEXTS},
        members=tuple(Member(str(m.pk), str(m.asset_id or ""), m.kind, m.role, m.words) for m in members),
    )
