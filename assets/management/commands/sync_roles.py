from typing import Any

from django.core.management.base import BaseCommand

from assets.models import Role
from assets.services import history, people


class Command(BaseCommand):
    help = "Make the groups of the roles what they should be, with just their permissions; `migrate` does it too."

    def handle(self, *args: Any, **options: Any) -> None:
        with history.acting(name="sync_roles"):
            people.sync_roles()
        self.stdout.write("\n".join(f"{role.group}: {role.words}" for role in Role))
