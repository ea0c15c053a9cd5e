from typing import Any

from django.core.management.base import BaseCommand

from assets.accounts import roles
from assets.audit.log import audit_context
from assets.models import Role


class Command(BaseCommand):
    help = "Make the groups of the roles what they should be, with just their permissions; `migrate` does it too."

    def handle(self, *args: Any, **options: Any) -> None:
        with audit_context(name="sync_roles"):
            roles.sync_roles()
        self.stdout.write("\n".join(f"{role.group}: {role.words}" for role in Role))
