from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_save


class AssetsConfig(AppConfig):
    name = "assets"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from assets import checks  # noqa: F401  (registers the system checks)
        from assets.services import history, people, search_index

        history.register()
        post_migrate.connect(search_index.make, sender=self)
        pre_save.connect(people.remember, sender=get_user_model())
        post_save.connect(people.renew_entries, sender=get_user_model())
