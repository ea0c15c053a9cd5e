import os
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class DurableStorage(FileSystemStorage):
    """What has been saved survives a power failure, and so does its name."""

    def save(self, name: str | None, content: IO[bytes], max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        for changed in (path, path.parent, path.parent.parent):
            _sync(changed)
        return saved


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is not typed
    """Hashed names, in the imports of our own ES modules too.

    Only in `js/` and its subfolders (`*` matches slashes too): django-htmx has a file with a line that looks like an
    import but is not.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
