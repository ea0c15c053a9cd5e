"""Puts together what two people made of a set at the same time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assets.reference_sets.state import TEXTS, Member, SetState


class ConflictError(Exception):
    """Both changed the same. `fields`: of `TEXTS`, `order`, or the id of a member."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = list(fields)


def merge(base: SetState, mine: SetState, theirs: SetState) -> SetState:
    """What was changed since `base` on either side. Raises ConflictError."""
    if theirs == base:
        return mine
    conflicts: list[str] = []
    texts = {name: _choose(name, _values(name, base, mine, theirs), conflicts) for name in TEXTS}
    members = {member.id: member for member in _merge_members(base, mine, theirs, conflicts)}
    order = _merge_order(base, mine, theirs, members, conflicts)
    if conflicts:
        raise ConflictError(list(dict.fromkeys(conflicts)))
    return SetState(**texts, members=tuple(_without_repeats(members[pk] for pk in order)))


def _values(name: str, base: object, mine: object, theirs: object) -> tuple[str, str, str]:
    return getattr(base, name), getattr(mine, name), getattr(theirs, name)


def _choose(name: str, values: tuple[str, str, str], conflicts: list[str]) -> str:
    base, mine, theirs = values
    if mine != base and theirs not in (base, mine):
        conflicts.append(name)
    return theirs if mine == base else mine


def _merge_members(base: SetState, mine: SetState, theirs: SetState, conflicts: list[str]) -> Iterator[Member]:
    was, own, other = base.by_id(), mine.by_id(), theirs.by_id()
    for pk in {**was, **own, **other}:
        before, ours, now = was.get(pk), own.get(pk), other.get(pk)
        if before is None:
            yield from [each for each in (ours or now,) if each]
        elif ours and now:
            role = _choose(pk, _values("role", before, ours, now), conflicts)
            words = _choose(pk, _values("words", before, ours, now), conflicts)
            yield replace(now, role=role, words=words)
        elif _words_of(ours or now or before) != _words_of(before):
            # Removed by one, and changed by the other.
            conflicts.append(pk)


def _words_of(member: Member) -> tuple[str, str]:
    return member.role, member.words


def _merge_order(
    base: SetState, mine: SetState, theirs: SetState, members: dict[str, Member], conflicts: list[str]
) -> list[str]:
    common = set(base.ids) & set(mine.ids) & set(theirs.ids)
    was, own, other = ([pk for pk in state.ids if pk in common] for state in (base, mine, theirs))
    if own != was and other not in (was, own):
        conflicts.append("order")
    first, second = (theirs, mine) if own == was else (mine, theirs)
    order = [pk for pk in first.ids if pk in members]
    _insert(order, [pk for pk in second.ids if pk in members])
    return order


def _insert(order: list[str], others: Sequence[str]) -> None:
    """Those that are missing, each after the one that it follows there."""
    for at, pk in enumerate(others):
        if pk not in order:
            order.insert(order.index(others[at - 1]) + 1 if at else 0, pk)


def _without_repeats(members: Iterator[Member]) -> Iterator[Member]:
    """Both may have added the same asset."""
    seen: set[str] = set()
    for member in members:
        if not member.asset or member.asset not in seen:
            yield member
        seen.add(member.asset)
