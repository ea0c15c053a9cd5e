from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.accounts import invitations, roles
from assets.accounts.forms import InvitationForm
from assets.audit.log import audit_context
from assets.models import Role, User


class Command(BaseCommand):
    help = "Invite somebody, or give somebody who has an account another role and a link to choose a new password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, help="a new account is a member's where nothing is said")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--address", default="", help="where the library answers, such as https://assets.example.com"
        )

    def handle(self, *args: Any, username: str, role: str | None, email: str, address: str, **options: Any) -> None:
        with audit_context(name="invite"):
            person = User.objects.active().filter(username=username).first()
            person = self.given(person, role) if person else self.invited(username, role or Role.MEMBER, email)
            link = invitations.make_link(person, timezone.now())
        self.stdout.write(f"{address.rstrip('/')}{link}")

    def given(self, person: Any, role: str | None) -> Any:
        try:
            if role:
                roles.change_role(person, Role(role))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return person

    def invited(self, username: str, role: str, email: str) -> Any:
        form = InvitationForm({"username": username, "role": role, "email": email})
        if not form.is_valid():
            raise CommandError(" ".join(str(message) for found in form.errors.values() for message in found))
        return invitations.invite(username, role=Role(role), email=email)
