"""The originals of many assets as one ZIP file, written while it is sent."""

import re
from collections.abc import Iterable, Iterator

from django.core.files.base import File
from zipstream import ZIP_STORED, ZipStream

from assets.models import Asset, StoredFile

CHUNK_SIZE = 256 * 1024
MISSING_LIST = "left out.txt"
MAX_NAME_LENGTH = 200
MAX_EXTENSION_LENGTH = 20
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def write_zip(batches: Iterable[list[Asset]]) -> Iterator[bytes]:
    """The originals, uncompressed, and a text file that lists the assets whose original is not kept here."""
    archive, names = ZipStream(compress_type=ZIP_STORED), UniqueNames()
    missing: list[str] = []
    for asset in (asset for batch in batches for asset in batch):
        original = _open_original(asset.stored_file)
        if original is None:
            missing.append(f"{asset.file_name}: its original is not kept here. {asset.stored_file.url}\n")
            continue
        with original:
            archive.add(_read_chunks(original), names.add(asset.file_name))
            yield from archive.file()
    if missing:
        archive.add("".join(missing), names.add(MISSING_LIST))
    yield from archive.finalize()


class UniqueNames:
    """File names of one folder: safe on every system, and none twice, whatever the case of their letters."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, wanted: str) -> str:
        """The name itself, or with the next free number: `a.png`, `a (2).png`."""
        name = first = safe_name(wanted)
        stem, dot, extension = first.rpartition(".") if "." in first.strip(".") else (first, "", "")
        while name.casefold() in self._counts:
            self._counts[first.casefold()] += 1
            name = f"{stem} ({self._counts[first.casefold()]}){dot}{extension}"
        self._counts[name.casefold()] = 1
        return name


def safe_name(name: str) -> str:
    """A file name that leads to no other folder, and that every system allows."""
    name = _shorten(_UNSAFE.sub("_", name).strip(". "))
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def _shorten(name: str) -> str:
    if len(name) <= MAX_NAME_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) < MAX_EXTENSION_LENGTH:
        return f"{stem[: MAX_NAME_LENGTH - MAX_EXTENSION_LENGTH]}.{extension}"
    return name[:MAX_NAME_LENGTH]


def _open_original(stored_file: StoredFile) -> File[bytes] | None:
    if not stored_file.original:
        return None
    try:
        return stored_file.original.storage.open(str(stored_file.original.name))
    except FileNotFoundError:
        return None


def _read_chunks(file: File[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_SIZE):
        yield chunk
