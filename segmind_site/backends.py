from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from assets.models.roles import with_role


class Backend(ModelBackend):
    """Accounts with their preferences and role: each page needs them, and one query gets them all."""

    def get_user(self, user_id: Any) -> Any:
        people = get_user_model()._default_manager.select_related("preferences")
        user = with_role(people).filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
