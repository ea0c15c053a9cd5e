from django.contrib.auth.backends import ModelBackend

from assets.models import User, page_queries


class Backend(ModelBackend):
    """Reads the person of a request in SQL, as `sessions` does the session."""

    def get_user(self, user_id: int) -> User | None:
        user = page_queries.person(user_id)
        return user if user and self.user_can_authenticate(user) else None
