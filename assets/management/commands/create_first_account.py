import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from assets.models import User

NAME = "admin"


class Command(BaseCommand):
    help = (
        "Create an administrator where there is no account yet, with a password of its own, and say how to sign in "
        "for as long as that password is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="", help="where the library will answer, to be printed")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        kept = Path(settings.VAR_DIR) / "first-password"
        if not User.objects.exists():
            password = secrets.token_urlsafe(9)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(password)
            User.objects.create_superuser(NAME, password=password)
        how = self.how_to_sign_in(kept)
        if address or how:
            self.stdout.write(f"\n  {address}   {how}\n")

    def how_to_sign_in(self, kept: Path) -> str:
        """With the first password, for as long as it is in use."""
        if not kept.exists():
            return ""
        password = kept.read_text()
        account = User.objects.filter(username=NAME).first()
        if account is None or not account.check_password(password):
            kept.unlink()
            return ""
        return f"sign in as  {NAME}  with the password  {password}"
