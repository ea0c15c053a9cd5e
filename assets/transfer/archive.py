"""The archive as a file: a tar of a few kinds of members, written and read from its beginning to its end.

    manifest.json             what it is, and the tables with their sizes and hashes
    rows/<table>.jsonl.gz     the rows of one table, one JSON object a line
    originals/…  previews/…   files, named by the SHA-256 of the original
    files.sha256              the hashes of these files, as `sha256sum` writes them; always the last

What is read is believed in no respect: members of other names, kinds or orders, hashes that do not fit, lines without
end and everything after a cut end the reading with an ArchiveError. Nothing of it is ever a path on this machine.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

FORMAT = "segmind-asset-library"
VERSION = 2
MANIFEST = "manifest.json"
FILE_LIST = "files.sha256"
FILE_NAME = re.compile(r"originals/[0-9a-f]{2}/[0-9a-f]{64}|previews/[0-9a-f]{2}/[0-9a-f]{64}\.(webp|svg)")

PIECE = 256 * 1024
MOST_MANIFEST_BYTES = 1_000_000
MOST_LINE_BYTES = 16_000_000
_BLOCK = tarfile.BLOCKSIZE
_TABLE_NAME = re.compile(r"[a-z_]{1,40}")
_DAMAGED = "The archive is damaged: {}. Nothing was changed. Copy it again, or use another one."


class ArchiveError(Exception):
    """It cannot be used. The message is a sentence for the person who brought it, and says what to do."""


def damaged(what: str) -> ArchiveError:
    return ArchiveError(_DAMAGED.format(what))


@dataclass(frozen=True)
class TableEntry:
    """A table in the manifest; `sha256` is that of its member, as it lies in the archive."""

    name: str
    rows: int
    sha256: str
    columns: list[str]

    @property
    def member(self) -> str:
        return f"rows/{self.name}.jsonl.gz"


@dataclass(frozen=True)
class Manifest:
    version: int
    application_version: str
    exported_at: str
    has_files: bool
    tables: list[TableEntry]

    def as_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2).encode() + b"\n"


# --- Writing --------------------------------------------------------------------------------------


def write_member(target: BinaryIO, name: str, content: IO[bytes], size: int) -> None:
    """Append a member with the `size` bytes of `content`, which must have as many."""
    info = tarfile.TarInfo(name)
    info.size = size
    target.write(info.tobuf(tarfile.GNU_FORMAT))
    left = size
    while left and (piece := content.read(min(PIECE, left))):
        target.write(piece)
        left -= len(piece)
    if left:
        raise ArchiveError(f"{name} has become shorter while it was being written. Export again.")
    target.write(bytes(-size % _BLOCK))


def write_end(target: BinaryIO) -> None:
    target.write(bytes(2 * _BLOCK))


def write_rows(target: BinaryIO, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as a member's content, the same bytes for the same rows; how many there were."""
    count = 0
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", mtime=0) as compressed:
        for count, row in enumerate(rows, start=1):  # noqa: B007
            compressed.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return count


# --- Reading --------------------------------------------------------------------------------------


class Content(io.RawIOBase):
    """What a member holds: read once, from its beginning, and hashed on the way."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source, self.left, self._hash = source, size, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._source.read(min(len(buffer), self.left))
        if self.left and not piece:
            raise damaged("its end is missing")
        buffer[: len(piece)] = piece
        self._hash.update(piece)
        self.left -= len(piece)
        return len(piece)

    def sha256(self) -> str:
        """Of the whole; what has not been read yet is read now."""
        while self.left:
            self.read(PIECE)
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Member:
    name: str
    size: int
    content: Content

    @property
    def is_file(self) -> bool:
        return FILE_NAME.fullmatch(self.name) is not None


def members(source: BinaryIO) -> Iterator[Member]:
    """The members in their order; each can be read until the next one is asked for."""
    source.seek(0)
    while (info := _header(source)) is not None:
        start = source.tell()
        yield Member(info.name, info.size, Content(source, info.size))
        source.seek(start + info.size + -info.size % _BLOCK)


def _header(source: BinaryIO) -> tarfile.TarInfo | None:
    try:
        info = tarfile.TarInfo.frombuf(source.read(_BLOCK), "ascii", "strict")
    except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
        return None
    except (tarfile.HeaderError, ValueError):
        raise damaged("its end is missing, or something else is in its place") from None
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise damaged("it holds something else than files")
    return info


def read_manifest(source: BinaryIO) -> Manifest:
    """What the archive says that it is. ArchiveError where it is none, or one of a newer version."""
    foreign = ArchiveError("This file is not an archive of a Segmind Asset Library. Nothing was changed.")
    try:
        first = next(members(source), None)
        if first is None or first.name != MANIFEST or first.size > MOST_MANIFEST_BYTES:
            raise foreign
        stated = json.loads(first.content.read())
        if stated["format"] != FORMAT or not isinstance(stated["version"], int):
            raise foreign
    except (ArchiveError, ValueError, KeyError, TypeError, RecursionError):
        raise foreign from None
    if stated["version"] > VERSION:
        raise ArchiveError(
            f"The archive has version {stated['version']} of the format, and this installation reads up to {VERSION}. "
            "Nothing was changed. Update this installation first."
        )
    return _understood(stated)


def _understood(stated: dict[str, Any]) -> Manifest:
    try:
        tables = [TableEntry(**entry) for entry in stated["tables"]]
        manifest = Manifest(
            stated["version"],
            str(stated["application_version"]),
            str(stated["exported_at"]),
            stated["has_files"] is True,
            tables,
        )
        if not all(_TABLE_NAME.fullmatch(table.name) and int(table.rows) >= 0 for table in tables):
            raise ValueError("no table")
        if not all(isinstance(name, str) for table in tables for name in table.columns):
            raise ValueError("no columns")
    except (KeyError, TypeError, ValueError):
        raise damaged("its manifest makes no sense") from None
    return manifest


def verify(source: BinaryIO, manifest: Manifest) -> int:
    """Read all of it once, and compare it with what it says of itself; the number of its files."""
    expected = iter(manifest.tables)
    listed, count = hashlib.sha256(), 0
    found = members(source)
    next(found)
    for member in found:
        if member.name == FILE_LIST:
            if next(expected, None) is not None or member.content.sha256() != listed.hexdigest():
                raise damaged("its files are not those that it lists")
            if next(found, None) is not None:
                raise damaged("something follows its end")
            return count
        digest = member.content.sha256()
        if member.is_file:
            listed.update(file_line(digest, member.name))
            count += 1
        elif (table := next(expected, None)) is None or (table.member, table.sha256) != (member.name, digest):
            raise damaged(f"{member.name[:80]} is not as it was written")
    raise damaged("its end is missing")


def file_line(digest: str, name: str) -> bytes:
    """A file in the list of files."""
    return f"{digest}  {name}\n".encode()


def read_rows(member: Member, table: TableEntry) -> Iterator[dict[str, Any]]:
    """The rows of a table, each with the columns that the manifest names, and as many."""
    count = 0
    try:
        with gzip.GzipFile(fileobj=member.content, mode="rb") as lines:
            while line := lines.readline(MOST_LINE_BYTES):
                count += 1
                if count > table.rows:
                    raise ValueError("more than there are")
                yield _row(line, table)
    except (OSError, EOFError, zlib.error):
        raise damaged(f"{member.name} cannot be read") from None
    except (ValueError, RecursionError):
        raise damaged(f"row {count} of {table.name} makes no sense") from None
    if count != table.rows or member.content.sha256() != table.sha256:
        raise damaged(f"{member.name} is not as it was written")


def _row(line: bytes, table: TableEntry) -> dict[str, Any]:
    row = json.loads(line, parse_constant=_no_number)
    if not isinstance(row, dict) or list(row) != table.columns:
        raise ValueError("not a row")
    return row


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number.")


def opened(path: Path) -> BinaryIO:
    """The archive, to be read. ArchiveError where there is no such file."""
    try:
        if not path.is_file():
            raise ArchiveError(f"There is no file {path}.")
        return path.open("rb")
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from None
