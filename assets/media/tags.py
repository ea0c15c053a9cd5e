"""Tags that precede a recording: ID3v2 (https://id3.org/id3v2.4.0-structure) and APEv2.

They hold the cover, so that one can be longer than whatever is read of a file to recognise it.
"""

from os import SEEK_END, SEEK_SET
from typing import BinaryIO

MAX_TAGS = 100
_ID3_HEADER_BYTES, _APE_HEADER_BYTES = 10, 32
_FOOTER_FLAG = 0x10
_BLOCK_BYTES, _MAX_PADDING_BLOCKS = 64 * 1024, 64


class Untagged:
    """A file as if it had no tags before its content: what a program needs that does not look behind long ones."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._start, self._end = file, find_end_of_tags(file), file.seek(0, SEEK_END)
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Not behind the end: a length that is damaged leads where no file can be."""
        if whence == SEEK_SET:
            offset = min(offset + self._start, self._end)
        return self._file.seek(offset, whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start


def find_end_of_tags(file: BinaryIO) -> int:
    """Where the content begins: after all tags, and the zeros that may follow them. 0 if there is no tag."""
    end, size = 0, file.seek(0, SEEK_END)
    for _ in range(MAX_TAGS):
        file.seek(end)
        length = _tag_length(file.read(_APE_HEADER_BYTES), size - end)
        if not length:
            break
        end += length
    return _skip_zeros(file, end) if end else 0


def _tag_length(header: bytes, rest: int) -> int:
    """The length of the tag that begins like this. One that says it is longer than the file is its header alone."""
    if header.startswith(b"ID3") and len(header) >= _ID3_HEADER_BYTES:
        length = _id3_length(header)
        return length if length <= rest else _ID3_HEADER_BYTES
    if header.startswith(b"APETAGEX") and len(header) == _APE_HEADER_BYTES:
        length = _APE_HEADER_BYTES + int.from_bytes(header[12:16], "little")
        return length if length <= rest else _APE_HEADER_BYTES
    return 0


def _id3_length(header: bytes) -> int:
    """The top bit of each byte of the size is 0. Where it is not, somebody wrote a plain number."""
    size = header[6:10]
    bits = 8 if max(size) > 0x7F else 7  # noqa: PLR2004
    length = sum(byte << bits * place for place, byte in enumerate(reversed(size)))
    return length + _ID3_HEADER_BYTES * (2 if header[5] & _FOOTER_FLAG else 1)


def _skip_zeros(file: BinaryIO, start: int) -> int:
    file.seek(start)
    for _ in range(_MAX_PADDING_BLOCKS):
        block = file.read(_BLOCK_BYTES)
        rest = block.lstrip(b"\0")
        start += len(block) - len(rest)
        if rest or not block:
            break
    return start
