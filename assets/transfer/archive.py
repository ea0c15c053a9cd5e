"""The archive file: a tar with a few kinds of members, written and read from start to end. See `docs/archive.md`.

    manifest.json             the version, and the tables with their sizes and hashes
    rows/<table>.jsonl.gz     the rows of one table, one JSON object per line
    originals/…  previews/…   files, named by the SHA-256 of the original
    files.sha256              the hashes of these files, in the format of `sha256sum`; always the last member

An archive is not trusted: unknown members, a wrong order, wrong hashes, endless lines and anything after the end raise
an ArchiveError. No name in it is ever used as a path on this machine.
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
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Row = dict[str, Any]  # by column; each table has its own

FORMAT = "segmind-asset-library"
VERSION = 2
MANIFEST = "manifest.json"
FILE_LIST = "files.sha256"
FILE_NAME = re.compile(r"originals/[0-9a-f]{2}/[0-9a-f]{64}|previews/[0-9a-f]{2}/[0-9a-f]{64}\.(webp|svg)")

CHUNK_BYTES = 256 * 1024
MAX_MANIFEST_BYTES = 1_000_000
MAX_LINE_BYTES = 16_000_000
_BLOCK = tarfile.BLOCKSIZE
_VERSION_TEXT = re.compile(r"[\w.+-]{1,50}", re.ASCII)
_TABLE_NAME = re.compile(r"[a-z_]{1,40}")
_COLUMN_NAME = re.compile(r"[a-z0-9_]{1,60}")


class ArchiveError(Exception):
    """The archive cannot be used. The message says what happened and what to do."""


class DamagedArchiveError(ArchiveError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The archive is damaged: {reason}. Nothing was changed. Copy it again or use another one.")


@dataclass(frozen=True)
class TableManifest:
    """A table in the manifest. `sha256` is the hash of its compressed member."""

    name: str
    rows: int
    sha256: str
    columns: list[str]

    @property
    def member_name(self) -> str:
        return f"rows/{self.name}.jsonl.gz"


@dataclass(frozen=True)
class Manifest:
    version: int
    application_version: str
    exported_at: str
    has_files: bool
    tables: list[TableManifest]

    def as_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2).encode() + b"\n"


# --- Writing --------------------------------------------------------------------------------------


def write_member(target: BinaryIO, name: str, content: IO[bytes], size: int) -> None:
    """Append a member with exactly `size` bytes of `content`."""
    info = tarfile.TarInfo(name)
    info.size = size
    target.write(info.tobuf(tarfile.GNU_FORMAT))
    left = size
    while left and (chunk := content.read(min(CHUNK_BYTES, left))):
        target.write(chunk)
        left -= len(chunk)
    if left:
        raise ArchiveError(f"{name} became shorter during the export. Export again.")
    target.write(bytes(-size % _BLOCK))


def write_end(target: BinaryIO) -> None:
    target.write(bytes(2 * _BLOCK))


def write_rows(target: BinaryIO, rows: Iterable[Row]) -> int:
    """Write rows as the content of a member and return their number. The same rows always give the same bytes."""
    count = 0
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", mtime=0) as compressed:
        for row in rows:
            compressed.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count


def format_file_line(digest: str, name: str) -> bytes:
    return f"{digest}  {name}\n".encode()


# --- Reading --------------------------------------------------------------------------------------


class MemberContent(io.RawIOBase):
    """The bytes of a member, read once from the start, and hashed on the way."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source, self._left, self._hash = source, size, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        chunk = self._source.read(min(len(view), self._left))
        if self._left and not chunk:
            raise DamagedArchiveError("its end is missing")
        view[: len(chunk)] = chunk
        self._hash.update(chunk)
        self._left -= len(chunk)
        return len(chunk)

    def read_sha256(self) -> str:
        """The hash of the whole member; reads what has not been read yet."""
        while self._left:
            self.read(CHUNK_BYTES)
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Member:
    name: str
    size: int
    content: MemberContent

    @property
    def is_file(self) -> bool:
        return FILE_NAME.fullmatch(self.name) is not None


def open_archive(path: Path) -> BinaryIO:
    try:
        if not path.is_file():
            raise ArchiveError(f"There is no file {path}.")
        return path.open("rb")
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from None


def read_members(source: BinaryIO) -> Iterator[Member]:
    """The members in their order. Each can be read until the next one is asked for."""
    source.seek(0)
    while (info := _read_header(source)) is not None:
        start = source.tell()
        yield Member(info.name, info.size, MemberContent(source, info.size))
        source.seek(start + info.size + -info.size % _BLOCK)


def _read_header(source: BinaryIO) -> tarfile.TarInfo | None:
    block = source.read(_BLOCK)
    if block == bytes(_BLOCK):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError):
        raise DamagedArchiveError("its end is missing or overwritten") from None
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise DamagedArchiveError("it contains something other than files")
    return info


def read_manifest(source: BinaryIO) -> Manifest:
    """Raises ArchiveError if this is not an archive, or one of a newer version."""
    try:
        data = _read_manifest_data(source)
    except (ArchiveError, ValueError, KeyError, TypeError, RecursionError):
        raise ArchiveError("This file is not an archive of a Segmind Asset Library. Nothing was changed.") from None
    if data["version"] > VERSION:
        raise ArchiveError(
            f"The archive has format version {data['version']}; this installation reads up to {VERSION}. "
            "Nothing was changed. Update this installation first."
        )
    try:
        return _parse_manifest(data)
    except (KeyError, TypeError, ValueError):
        raise DamagedArchiveError("its manifest is invalid") from None


def _read_manifest_data(source: BinaryIO) -> Row:
    first = next(read_members(source), None)
    if first is None or first.name != MANIFEST or first.size > MAX_MANIFEST_BYTES:
        raise ValueError("no manifest")
    data: Row = json.loads(first.content.read())
    if data["format"] != FORMAT or type(data["version"]) is not int or data["version"] < 1:
        raise ValueError("another format")
    return data


def _parse_manifest(data: Row) -> Manifest:
    tables = [TableManifest(**table) for table in data["tables"]]
    if not all(_TABLE_NAME.fullmatch(table.name) and int(table.rows) >= 0 for table in tables):
        raise ValueError("not a table")
    if not all(_COLUMN_NAME.fullmatch(column) for table in tables for column in table.columns):
        raise ValueError("not a column")
    if not _VERSION_TEXT.fullmatch(data["application_version"]):
        raise ValueError("not a version")
    return Manifest(
        data["version"],
        data["application_version"],
        datetime.fromisoformat(data["exported_at"]).isoformat(),
        data["has_files"] is True,
        tables,
    )


def verify(source: BinaryIO, manifest: Manifest) -> int:
    """Read the whole archive and compare it with its hashes; returns the number of originals and previews."""
    tables = iter(manifest.tables)
    files, count = hashlib.sha256(), 0
    members = read_members(source)
    next(members)
    for member in members:
        digest = member.content.read_sha256()
        if member.name == FILE_LIST:
            if next(tables, None) is not None or digest != files.hexdigest():
                raise DamagedArchiveError("its files do not match its list of files")
            if next(members, None) is not None:
                raise DamagedArchiveError("there is something after its end")
            return count
        if member.is_file:
            files.update(format_file_line(digest, member.name))
            count += 1
        elif (table := next(tables, None)) is None or (table.member_name, table.sha256) != (member.name, digest):
            raise DamagedArchiveError(f"{member.name[:80]} has changed since the export")
    raise DamagedArchiveError("its end is missing")


def read_rows(member: Member, table: TableManifest) -> Iterator[Row]:
    """The rows of a table, with the number and the columns that the manifest states."""
    count = 0
    try:
        with gzip.GzipFile(fileobj=member.content, mode="rb") as lines:
            while line := lines.readline(MAX_LINE_BYTES):
                count += 1
                if count > table.rows:
                    raise ValueError("too many rows")
                yield _parse_row(line, table)
    except (OSError, EOFError, zlib.error):
        raise DamagedArchiveError(f"{member.name} cannot be read") from None
    except (ValueError, RecursionError):
        raise DamagedArchiveError(f"row {count} of {table.name} is invalid") from None
    if count != table.rows or member.content.read_sha256() != table.sha256:
        raise DamagedArchiveError(f"{member.name} has changed since the export")


def _parse_row(line: bytes, table: TableManifest) -> Row:
    row = json.loads(line, parse_constant=_refuse_constant)
    if not isinstance(row, dict) or list(row) != table.columns:
        raise ValueError("not a row")
    return row


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number.")
