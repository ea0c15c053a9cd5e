from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_migrate, pre_save


class AssetsConfig(AppConfig):
    name = "assets"
    verbose_name = "Asset library"

    def ready(self) -> None:
        from assets import checks
        from assets.accounts import roles
        from assets.audit import log
        from assets.catalogue import curated
        from assets.models import User, task_indexes
        from assets.search import index

        checks.register_checks()
        log.register()
        post_migrate.connect(index.create_indexes, sender=self)
        pre_migrate.connect(task_indexes.drop_trigger, sender=self)
        post_migrate.connect(task_indexes.create, sender=self)
        post_migrate.connect(curated.load_after_migration, sender=self)
        pre_save.connect(roles.remember_names, sender=User)
        post_save.connect(roles.reindex_renamed, sender=User)
