"""The admin's pages in one list, by the names that the rest of the product uses."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

NAMES = {
    "StoredFile": "Stored files",
    "Asset": "Assets",
    "Collection": "Collections",
    "Tag": "Tags",
    "UploadRequest": "Upload requests",
    "SegmindModel": "Models",
    "User": "People",
    "LogEntry": "Audit log",
    "DBTaskResult": "Background tasks",
}


class LibraryAdminSite(AdminSite):
    index_title = "Administration"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, object]]:
        """All in one group, in the order of `NAMES`."""
        models = {model["object_name"]: model for app in super().get_app_list(request) for model in app["models"]}
        named = [{**models[key], "name": name} for key, name in NAMES.items() if key in models]
        return [{"name": "Administration", "app_label": "assets", "app_url": self._index_url(), "models": named}]

    def _index_url(self) -> str:
        return reverse("admin:index")
