"""Originals of many entries as one ZIP, made while it is sent: at no time is more of it here than one piece."""

import re
from collections.abc import Iterable, Iterator

from django.core.files.base import File
from zipstream import ZIP_STORED, ZipStream

from assets.models import Asset, StoredFile

PIECE = 256 * 1024
LEFT_OUT = "left out.txt"
LONGEST_NAME = 200
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def pieces(batches: Iterable[list[Asset]]) -> Iterator[bytes]:
    """The ZIP of the originals, stored as they are; a text in it names the entries whose original is not here."""
    archive, names, left_out = ZipStream(compress_type=ZIP_STORED), Names(), []
    for asset in (asset for batch in batches for asset in batch):
        original = _opened(asset.stored_file)
        if original is None:
            left_out.append(f"{asset.file_name}: its original is not kept here. {asset.stored_file.url}")
            continue
        with original:
            archive.add(_read(original), names.free(asset.file_name))
            yield from archive.file()
    if left_out:
        archive.add("\n".join(left_out) + "\n", names.free(LEFT_OUT))
    yield from archive.finalize()


class Names:
    """Names of files in one folder, on whatever system it is unpacked: safe, and none twice."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def free(self, wanted: str) -> str:
        """That name, or the next one with a number that is not taken."""
        name = safe_name(wanted)
        stem, dot, ending = name.rpartition(".") if "." in name.strip(".") else (name, "", "")
        while name.casefold() in self._used:
            self._used[safe_name(wanted).casefold()] += 1
            name = f"{stem} ({self._used[safe_name(wanted).casefold()]}){dot}{ending}"
        self._used[name.casefold()] = 1
        return name


def safe_name(name: str) -> str:
    """A file name that leads to no other folder, and that every system allows."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", name).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME:
        is_ending = dot and len(ending) < 20
        name = f"{stem[: LONGEST_NAME - 20]}.{ending}" if is_ending else name[:LONGEST_NAME]
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def _opened(stored_file: StoredFile) -> File | None:
    if not stored_file.original:
        return None
    try:
        return stored_file.original.storage.open(str(stored_file.original.name))
    except FileNotFoundError:
        return None


def _read(file: File) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
