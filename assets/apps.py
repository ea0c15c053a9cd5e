from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AssetsConfig(AppConfig):
    name = "assets"

    def ready(self) -> None:
        from assets import checks  # noqa: F401  (registers the system checks)
        from assets.services import search_index

        post_migrate.connect(search_index.make, sender=self)
