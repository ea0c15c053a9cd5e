from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.accounts import invitations, roles
from assets.accounts.forms import InvitationForm
from assets.audit.log import audit_context
from assets.models import Role, User


class Command(BaseCommand):
    help = (
        "Create an account and print the link with which the person chooses a password. For an existing account, "
        "change the role and print a link for a new password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, help="member by default")
        parser.add_argument("--email", default="", help="of a new account")
        parser.add_argument("--address", default="", help="address of the library, such as https://assets.example.com")

    def handle(
        self, *args: object, username: str, role: str | None, email: str, address: str, **options: object
    ) -> None:
        with audit_context(name="invite"):
            person = User.objects.active().filter(username=username).first()
            if person is None:
                person = _invite(username, role or Role.MEMBER, email)
            elif role:
                _change_role(person, role)
            link = invitations.make_link(person, timezone.now())
        self.stdout.write(urljoin(address, link))


def _invite(username: str, role: str, email: str) -> User:
    form = InvitationForm({"username": username, "role": role, "email": email})
    if not form.is_valid():
        raise CommandError(" ".join(str(message) for messages in form.errors.values() for message in messages))
    return invitations.invite(username, role=Role(role), email=email)


def _change_role(person: User, role: str) -> None:
    try:
        roles.change_role(person, Role(role))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
