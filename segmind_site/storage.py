import os
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Folders whose own names this process has synced, as (path, inode).
_known_folders: set[tuple[Path, int]] = set()


class DurableStorage(FileSystemStorage):
    """What has been saved survives a power failure, and so does its name."""

    def save(self, name: str | None, content: IO[bytes], max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        _sync(path)
        _sync(path.parent)
        _sync_name(path.parent)
        return saved


def _sync_name(folder: Path) -> None:
    """Once for each folder: another process may have made it, and not have synced it yet."""
    known = (folder, folder.stat().st_ino)
    if known not in _known_folders:
        _sync(folder.parent)
        _known_folders.add(known)


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
