"""Programs that use the API with a token."""

from typing import Any

from django.test import Client
from django.utils import timezone

from assets.accounts import tokens
from assets.models import User
from assets.models.tokens import Scope


class Program(Client):
    """Sends a token with every request, and no cookies. Paths are those below /api/v1."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.secret = secret

    def generic(self, method: str, path: str, *args: Any, headers: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}"} | (headers or {})
        return super().generic(method, f"/api/v1{path}", *args, headers=headers, **options)


def a_token(person: User, *scopes: str, days: int = 90) -> str:
    return tokens.create(person, name="Tests", scopes=scopes or list(Scope), days=days, now=timezone.now())[1]
