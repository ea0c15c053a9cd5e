"""Previews of stored files, made from their originals in a process of their own."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile

from assets.models import StoredFile
from assets.services import originals

logger = logging.getLogger(__name__)

TIME_LIMIT = 30  # seconds


def make_preview(stored_file: StoredFile) -> bool:
    """Make and keep the WebP preview of a picture. False, and a line in the log, where that cannot be done."""
    if not stored_file.needs_preview:
        return False
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        target = Path(folder) / "preview.webp"
        source = _local_path(stored_file, Path(folder))
        try:
            subprocess.run(
                [sys.executable, "-m", "assets.services.images", str(source), str(target)],
                cwd=settings.BASE_DIR,
                capture_output=True,
                timeout=TIME_LIMIT,
                check=True,
            )
        except subprocess.SubprocessError as error:
            reason = (error.stderr or b"").decode(errors="replace").strip().splitlines()[-1:]  # type: ignore[attr-defined]
            logger.warning("No preview of %s: %s", stored_file.pk, " ".join(reason) or type(error).__name__)
            return False
        name = f"previews/{stored_file.sha256[:2]}/{stored_file.sha256}.webp"
        stored_file.preview.save(name, ContentFile(target.read_bytes()), save=False)
    # Only the one column: the delivery changes others of this row meanwhile.
    StoredFile.objects.filter(pk=stored_file.pk).update(preview=stored_file.preview.name)
    originals.drop_if_done(StoredFile.objects.get(pk=stored_file.pk))
    return True


def _local_path(stored_file: StoredFile, folder: Path) -> Path:
    """Where the original lies on this machine; a copy in `folder` where the storage is elsewhere."""
    try:
        return Path(stored_file.original.path)
    except NotImplementedError:
        copy = folder / "original"
        with stored_file.original.open() as original, copy.open("wb") as target:
            for chunk in original.chunks():
                target.write(chunk)
        return copy
