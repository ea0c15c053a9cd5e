"""What a set says, apart from the database: what two people can change at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

TEXTS = ("title", "note", "model", "visibility")


@dataclass(frozen=True)
class Member:
    """`asset` is an id, empty for one that was deleted; `kind` is what it was."""

    id: str
    asset: str
    kind: str
    role: str
    words: str = ""


@dataclass(frozen=True)
class SetState:
    title: str
    note: str
    model: str
    visibility: str
    members: tuple[Member, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SetState":
        members = tuple(Member(**member) for member in data["members"])
        return cls(**{name: data[name] for name in TEXTS}, members=members)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(member.id for member in self.members)

    def by_id(self) -> dict[str, Member]:
        return {member.id: member for member in self.members}
