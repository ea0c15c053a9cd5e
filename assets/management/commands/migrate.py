from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db.migrations.exceptions import IrreversibleError


class Command(migrate.Command):
    """Django's, with a sentence where it would end in a traceback."""

    def handle(self, *args: object, **options: object) -> None:
        try:
            super().handle(*args, **options)
        except IrreversibleError as error:
            which = str(error).rpartition(" in ")[2]  # such as "auth.0003_name is not reversible"
            raise CommandError(
                f"Migration {which}. The database stays as it is after the migrations that were unapplied above. To go "
                "on, apply them again with `python manage.py migrate`. To go back, the database rarely has to change "
                "(docs/upgrading.md). Restore a backup if you do."
            ) from None
