import functools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from assets.models.prepared import Parameter, Prepared
from assets.models.roles import with_role


class Backend(ModelBackend):
    """Accounts with their preferences and role: each page needs them, and one query gets them all."""

    def get_user(self, user_id: Any) -> Any:
        user = next(iter(_people().rows(user_id)), None)
        return user if user and self.user_can_authenticate(user) else None


@functools.cache
def _people() -> Prepared[Any]:
    person = get_user_model()
    people = with_role(person._default_manager.select_related("preferences"))
    return Prepared(people.filter(pk=Parameter(0, person._meta.pk)))
