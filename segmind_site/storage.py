import os
import re
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from assets.durability import sync, sync_meanwhile

# Of a first visit, comments would be a fifth. Those that stand on lines of their own, so that no text looks like one.
OWN_CODE = re.compile(r"(css|js)/(?!vendor/).*\.\1")
COMMENTS = {
    "css": re.compile(rb"^\s*/\*.*?\*/ *\n", re.MULTILINE | re.DOTALL),
    "js": re.compile(rb"^\s*//.*\n", re.MULTILINE),
}
# Folders whose own names this process has synced, as (path, inode).
_known_folders: set[tuple[Path, int]] = set()


class DurableStorage(FileSystemStorage):
    """What has been saved survives a power failure, and so does its name."""

    def save(self, name: str | None, content: IO[bytes], max_length: int | None = None) -> str:
        before = _find_temporary(content)
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        # What was only renamed was forced to the disk when it was complete.
        if before is None or not os.path.samestat(before, path.stat()):
            sync(path)
        sync_meanwhile(_sync_folder, path.parent)
        return saved


def _find_temporary(content: IO[bytes]) -> os.stat_result | None:
    """The file that Django moves to where it saves the content, if it has one."""
    return Path(content.temporary_file_path()).stat() if hasattr(content, "temporary_file_path") else None


def _sync_folder(folder: Path) -> None:
    """The names in it, and its own once: another process may have made it, and not have synced it yet."""
    sync(folder)
    known = (folder, folder.stat().st_ino)
    if known not in _known_folders:
        sync(folder.parent)
        _known_folders.add(known)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is not typed
    """Hashed names, in the imports of our own ES modules too.

    Only in `js/` and its subfolders (`*` matches slashes too): django-htmx has a file with a line that looks like an
    import but is not.
    """

    support_js_module_import_aggregation = True
    # As deep as the modules that import one another, from the upload page to the texts of its tray.
    max_post_process_passes = 10
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def _save(self, name: str, content: IO[bytes]) -> str:
        if own := OWN_CODE.fullmatch(name):
            content.seek(0)
            content = ContentFile(COMMENTS[own[1]].sub(b"", content.read()))
        saved: str = super()._save(name, content)
        return saved
