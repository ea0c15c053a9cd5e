"""The story of an account, as its page tells it: invited, given a role, closed, handed over."""

from typing import Any

from assets.audit import log
from assets.audit.log import Act
from assets.audit.timeline import Difference, Event

NAMES = {
    "username": "Username",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail address",
    "groups": "Role",
    "user_permissions": "Permissions",
    "entries": "Entries",
}
# What a change is called; of several at once, the first that is among them.
_TEXTS = {
    ("is_active", "False"): ("stop", "Account closed"),
    ("is_active", "True"): ("retry", "Account opened again"),
    ("entries", None): ("send", "Entries handed over"),
    ("password", None): ("key", "Password changed"),
    ("password_link", None): ("link", "Link to choose a password made"),
}


def of(person: Any) -> list[Event]:
    """What was done to an account, newest first."""
    return [_event(act) for act in log.of_person(person)]


def _event(act: Act) -> Event:
    if act.is_upload:
        return Event(act.at, "people", "Account made", act.by)
    found = {change.field: change.after for change in act.changes}
    differences = tuple(
        Difference(NAMES[change.field], change.before, change.after) for change in act.changes if change.field in NAMES
    )
    for (field, after), (icon, text) in _TEXTS.items():
        if field in found and after in (None, found[field]):
            return Event(act.at, icon, text, act.by, differences)
    return Event(act.at, "pencil", "Changed", act.by, differences)
