"""Which uploads have begun and not ended, so that a program that was killed goes on from the last byte."""

import hashlib
import json
import time
from pathlib import Path

from segmind_assets.config import write_private
from segmind_assets.local_file import LocalFile

# The library keeps parts for a day.
KEPT_SECONDS = 24 * 60 * 60


class UnfinishedUploads:
    """One small file for each. `library`: whose they are."""

    def __init__(self, folder: Path, library: str) -> None:
        self._folder, self._library = folder, library

    def find(self, file: LocalFile, metadata: str) -> str | None:
        """The address of the upload of this content, if it was begun with the same words within a day."""
        try:
            kept = json.loads(self._path(file, metadata).read_text())
            return str(kept["url"]) if kept["begun_at"] > time.time() - KEPT_SECONDS else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, file: LocalFile, metadata: str, url: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_old()
        write_private(self._path(file, metadata), json.dumps({"url": url, "begun_at": time.time()}))

    def forget(self, file: LocalFile, metadata: str) -> None:
        self._path(file, metadata).unlink(missing_ok=True)

    def _remove_old(self) -> None:
        for path in self._folder.glob("*.json"):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)

    def _path(self, file: LocalFile, metadata: str) -> Path:
        key = "\n".join([self._library, file.sha256, metadata])
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
