import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser

NAME = "admin"


class Command(BaseCommand):
    help = (
        "Create an administrator where there is no account yet, with a password of its own, and say how to sign in "
        "for as long as that password is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="", help="where the library will answer, to be printed")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        users = get_user_model()._default_manager
        kept = Path(settings.VAR_DIR) / "first-password"
        if not users.exists():
            password = secrets.token_urlsafe(9)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(password)
            users.create_superuser(NAME, password=password)
        if kept.exists():
            password = kept.read_text()
            account = users.filter(username=NAME).first()
            if account and account.check_password(password):
                self.stdout.write(f"\n  {address}   sign in as  {NAME}  with the password  {password}\n")
            else:
                kept.unlink()
