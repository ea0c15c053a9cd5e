import functools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from assets.models.roles import with_role


class Backend(ModelBackend):
    """Accounts with their preferences and role: each page needs them, and one query gets them all."""

    def get_user(self, user_id: Any) -> Any:
        user = _people().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


@functools.cache
def _people() -> Any:
    # Put together once: that takes longer than asking the database.
    return with_role(get_user_model()._default_manager.select_related("preferences"))
