from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend


class Backend(ModelBackend):
    """Accounts with their preferences: each page needs both, and one query gets them."""

    def get_user(self, user_id: Any) -> Any:
        people = get_user_model()._default_manager.select_related("preferences")
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
