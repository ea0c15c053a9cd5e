from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_migrate, post_save, pre_save


class AssetsConfig(AppConfig):
    name = "assets"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from assets import checks  # noqa: F401  (registers the system checks)
        from assets.services import history, people, search_index

        history.register()
        post_migrate.connect(search_index.make, sender=self)
        post_migrate.connect(people.sync_roles, sender=self)
        person: type = get_user_model()
        pre_save.connect(people.remember, sender=person)
        post_save.connect(people.renew_entries, sender=person)
        post_save.connect(people.join_administrators, sender=person)
        m2m_changed.connect(people.follow_groups, sender=person.groups.through)  # type: ignore[attr-defined]
