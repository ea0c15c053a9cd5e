"""Sessions in the database, as Django keeps them, but read in SQL: every request reads one, also for each preview."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from assets.models import page_queries


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        data = page_queries.session_data(self.session_key, timezone.now()) if self.session_key else None
        if data is None:
            self._session_key = None
            return {}
        return self.decode(data)
