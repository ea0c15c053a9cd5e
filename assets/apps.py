from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_migrate, post_save, pre_save


class AssetsConfig(AppConfig):
    name = "assets"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from assets import checks  # noqa: F401  (registers the system checks)
        from assets.accounts import roles
        from assets.audit import log
        from assets.search import index

        log.register()
        post_migrate.connect(index.create_indexes, sender=self)
        post_migrate.connect(roles.sync_roles, sender=self)
        person: type = get_user_model()
        pre_save.connect(roles.remember, sender=person)
        post_save.connect(roles.renew_entries, sender=person)
        post_save.connect(roles.join_administrators, sender=person)
        m2m_changed.connect(roles.follow_groups, sender=person.groups.through)  # type: ignore[attr-defined]
