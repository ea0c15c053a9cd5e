"""The originals of many assets as one ZIP file, written while it is sent."""

from collections.abc import Iterable, Iterator

from django.core.files.base import File
from zipstream import ZIP_STORED, ZipStream

from assets import originals
from assets.models import Asset
from assets.text.file_names import name_to_save, without_invisible

CHUNK_SIZE = 256 * 1024
MISSING_LIST = "left out.txt"


def write_zip(batches: Iterable[list[Asset]], *, with_urls: bool = True) -> Iterator[bytes]:
    """The originals, uncompressed, and a text file that lists the assets whose original is not kept here or damaged.

    `with_urls`: it also says where Segmind has them.
    """
    archive, names = ZipStream(compress_type=ZIP_STORED), UniqueNames()
    missing: list[str] = []
    for asset in (asset for batch in batches for asset in batch):
        try:
            original = originals.open_intact(asset.stored_file)
        except OSError as error:
            url = f" {asset.stored_file.url}" if with_urls else ""
            missing.append(f"{without_invisible(asset.file_name)}: {_explain(error)}.{url}\n")
            continue
        with original:
            archive.add(_read_chunks(original), names.add(name_to_save(asset.file_name, asset.stored_file.media_type)))
            yield from archive.file()
    if missing:
        archive.add("".join(missing), names.add(MISSING_LIST))
    yield from archive.finalize()


class UniqueNames:
    """File names of one folder: none twice, whatever the case of their letters."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, wanted: str) -> str:
        """The name itself, or with the next free number: `a.png`, `a (2).png`."""
        name, (stem, _, ending) = wanted, wanted.rpartition(".")
        while name.casefold() in self._counts:
            self._counts[wanted.casefold()] += 1
            name = f"{stem} ({self._counts[wanted.casefold()]}).{ending}"
        self._counts[name.casefold()] = 1
        return name


def _explain(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "its original is not kept here" if missing else "the copy on this server is damaged"


def _read_chunks(file: File[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_SIZE):
        yield chunk
