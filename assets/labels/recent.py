"""The tags and collections that a person has last added to assets, kept in the session."""

from collections.abc import Iterable

from django.contrib.sessions.backends.base import SessionBase

from assets.models.labels import Label

MAX_RECENT = 5


def remember(session: SessionBase, model: type[Label], pks: Iterable[object]) -> None:
    latest = [str(pk) for pk in pks]
    earlier = [pk for pk in recent(session, model) if pk not in latest]
    session[_key(model)] = [*latest, *earlier][:MAX_RECENT]


def recent(session: SessionBase, model: type[Label]) -> list[str]:
    """Their ids, the latest first; some may be gone, or no longer be for this person to see."""
    return list(session.get(_key(model), ()))


def _key(model: type[Label]) -> str:
    return f"recent_{model.__name__.lower()}s"
