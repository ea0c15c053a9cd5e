"""Sessions in the database, as Django keeps them; every request asks for one."""

import functools
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from assets.models.prepared import Parameter, Prepared


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        for data in _sessions().rows(self.session_key, timezone.now()):
            return self.decode(data)
        self._session_key = None
        return {}


@functools.cache
def _sessions() -> Prepared[str]:
    key, expires = (Session._meta.get_field(name) for name in ("session_key", "expire_date"))
    found = Session.objects.filter(session_key=Parameter(0, key), expire_date__gt=Parameter(1, expires))
    return Prepared(found.values_list("session_data", flat=True))
