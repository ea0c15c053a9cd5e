"""The history of an account, as its page shows it."""

from assets.audit import log
from assets.audit.log import Act, Change
from assets.audit.timeline import Difference, Event
from assets.models import Role, User

NAMES = {
    "username": "Username",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail address",
    "role": "Role",
    "entries": "Entries",
}
# Icon and title of a change. Of several at once, the first one here counts.
_TEXTS = {
    ("is_active", "False"): ("stop", "Account closed"),
    ("is_active", "True"): ("retry", "Account opened again"),
    ("entries", None): ("send", "Entries handed over"),
    ("password", None): ("key", "Password changed"),
    ("password_link", None): ("link", "Link to choose a password made"),
}


def get_events(person: User) -> list[Event]:
    """What was done to an account, newest first."""
    return [_event(act) for act in log.of_person(person)]


def _event(act: Act) -> Event:
    if act.is_upload:
        return Event(act.at, "people", "Account made", act.by)
    found = {change.field: change.after for change in act.changes}
    differences = tuple(_difference(change) for change in act.changes if change.field in NAMES)
    for (field, after), (icon, text) in _TEXTS.items():
        if field in found and after in (None, found[field]):
            return Event(act.at, icon, text, act.by, differences)
    return Event(act.at, "pencil", "Changed", act.by, differences)


def _difference(change: Change) -> Difference:
    before, after = change.before, change.after
    if change.field == "role":
        before, after = _role_name(before), _role_name(after)
    return Difference(NAMES[change.field], before, after)


def _role_name(value: str) -> str:
    return Role(value).label if value in Role.values else value
