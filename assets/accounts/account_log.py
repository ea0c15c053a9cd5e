"""The history of an account, as its page shows it."""

from assets.audit import history
from assets.audit.history import AuditEvent, Change
from assets.audit.timeline import Difference, Event
from assets.models import Role, User

NAMES = {
    "username": "Username",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail address",
    "role": "Role",
    "assets": "Assets",
    "token_created": "Token",
    "token_revoked": "Token",
    "webhook": "Webhook",
}
# Icon and title of a change. Of several at once, the first one here counts.
_TITLES = {
    ("is_active", "False"): ("stop", "Account closed"),
    ("is_active", "True"): ("retry", "Account reopened"),
    ("assets", None): ("send", "Assets reassigned"),
    ("password", None): ("key", "Password changed"),
    ("password_link", None): ("link", "Password link created"),
    ("sessions", None): ("door", "Signed out everywhere"),
    ("token_created", None): ("key", "Token created"),
    ("token_revoked", None): ("stop", "Token revoked"),
    ("webhook", None): ("send", "Webhook changed"),
}


def get_events(person: User) -> list[Event]:
    """What was done to an account, newest first."""
    return [_describe_event(event) for event in history.for_person(person)]


def _describe_event(event: AuditEvent) -> Event:
    if event.is_creation:
        return Event(event.at, "people", "Account created", event.actor)
    values = {change.field: change.after for change in event.changes}
    differences = tuple(_describe_change(change) for change in event.changes if change.field in NAMES)
    for (field, after), (icon, title) in _TITLES.items():
        if field in values and after in (None, values[field]):
            return Event(event.at, icon, title, event.actor, differences)
    return Event(event.at, "pencil", "Edited", event.actor, differences)


def _describe_change(change: Change) -> Difference:
    before, after = change.before, change.after
    if change.field == "role":
        before, after = _get_role_label(before), _get_role_label(after)
    return Difference(NAMES[change.field], before, after)


def _get_role_label(value: str) -> str:
    return Role(value).label if value in Role.values else value
