import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from assets.models import User

USERNAME = "admin"


class Command(BaseCommand):
    help = (
        "Create an administrator with a random password if there is no account yet. "
        "Prints the password until it is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="", help="address of the library, to be printed")

    def handle(self, *args: object, address: str, **options: object) -> None:
        password_file = Path(settings.VAR_DIR) / "first-password"
        if not User.objects.exists():
            User.objects.create_superuser(USERNAME, password=_create_password(password_file))
        password = _read_valid_password(password_file)
        credentials = f"sign in as  {USERNAME}  with the password  {password}" if password else ""
        if address or password:
            self.stdout.write(f"\n  {address and address + settings.URL_PREFIX}   {credentials}\n")


def _create_password(file: Path) -> str:
    password = secrets.token_urlsafe(9)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(password)
    return password


def _read_valid_password(file: Path) -> str:
    """The first password; empty, and its file removed, once it is not valid any more."""
    if not file.exists():
        return ""
    password = file.read_text()
    account = User.objects.filter(username=USERNAME).first()
    if account is None or not account.check_password(password):
        file.unlink()
        return ""
    return password
