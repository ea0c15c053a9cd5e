"""The body of an upload request: files in base64, read piece by piece, and hashed on the way."""

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Protocol

import pybase64

from assets.segmind.responses import DamagedFileError, SegmindError, UnavailableError

# A multiple of 3, so that no padding stands between encoded pieces. Each piece is one read and one write: smaller ones
# cost system calls and wake the receiver more often, larger ones make the process allocate memory again and again.
PIECE = 192 * 1024
# How many pieces may wait to be hashed.
BUFFERS = 4
BODY_START = b'{"data_urls":['
BODY_END = b"]}"
# Reading failed because this server lacks something; it says nothing about the file.
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
UNREADABLE = "A file could not be read on this server."


class BinaryStream(Protocol):
    """What the client needs of an open file."""

    def readable(self) -> bool: ...
    def readinto(self, buffer: bytearray | memoryview, /) -> int: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class FileToSend:
    """`open` returns the content as a binary stream of exactly `size` bytes.

    With a `sha256`, a request is only completed if the bytes that were sent have this hash.
    """

    media_type: str
    size: int
    open: Callable[[], BinaryStream]
    sha256: str = ""

    @property
    def encoded_size(self) -> int:
        """How many bytes of the body this file takes, separator included."""
        return encoded_size(self.media_type, self.size)

    @property
    def prefix(self) -> bytes:
        return f'"data:{self.media_type};base64,'.encode("ascii")

    def is_intact(self) -> bool:
        """Whether it has its hash, as far as that can be read."""
        try:
            with closing(self.open()) as stream:
                digest = hashlib.file_digest(stream, "sha256")
        except OSError as error:
            return error.errno in SHORTAGES
        return self.sha256 in ("", digest.hexdigest())


def encoded_size(media_type: str, size: int) -> int:
    """How many bytes of the body a file of `size` bytes takes: `"data:<type>;base64,<4·⌈n/3⌉>",`."""
    return len(f'"data:{media_type};base64,",') + 4 * -(-size // 3)


def body_size(files: Sequence[FileToSend]) -> int:
    """The exact Content-Length of a request with these files."""
    return len(BODY_START) + sum(file.encoded_size for file in files) - 1 + len(BODY_END)


class Body:
    """The body of a request with these files. `len()` is its exact size.

    Where a file cannot be read or has another hash, iterating ends with an OSError before the body is complete.
    """

    def __init__(self, files: Sequence[FileToSend], on_progress: Callable[[], None] | None) -> None:
        self._files = files
        self._on_progress = on_progress or (lambda: None)
        self._reader = _HashingReader()
        self._confirmed = 0
        self._read_error: OSError | None = None
        self.is_sent = False

    def __len__(self) -> int:
        return body_size(self._files)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces()
        except OSError as error:
            self._read_error = error
            raise
        # Set before the last bytes leave: from here on the server may have everything.
        self.is_sent = True
        yield BODY_END

    def _pieces(self) -> Iterator[bytes]:
        # Small pieces are sent together, since every write wakes the receiver.
        due, waiting = [BODY_START], 0
        for number, file in enumerate(self._files):
            due.append(file.prefix)
            for piece in self._reader.read(file):
                due.append(pybase64.b64encode(piece))
                waiting += len(piece)
                if waiting >= PIECE:
                    yield b"".join(due)
                    due, waiting = [], 0
                self._on_progress()
            due.append(b'",' if number + 1 < len(self._files) else b'"')
            self._confirm(number)
        yield b"".join(due)
        self._confirm(len(self._files))

    def _confirm(self, count: int) -> None:
        """Make sure that the first `count` files had their hashes. The latest one may still be being hashed."""
        while self._confirmed < count:
            self._reader.confirm()
            self._confirmed += 1

    def find_fault(self) -> SegmindError | None:
        """Why this server could not complete the body; None if it could.

        Looks at the files that were still to follow as well, so that all damaged ones are left out of the next request.
        """
        if self._read_error is None:
            return None
        rest = range(self._confirmed, len(self._files))
        damaged = [number for number in rest if not self._files[number].is_intact()]
        if not damaged:
            return UnavailableError(UNREADABLE)
        return DamagedFileError(damaged)

    def close(self) -> None:
        self._reader.close()


class _HashingReader:
    """Reads files piece by piece and hashes them in a second thread. hashlib lets other threads run meanwhile."""

    def __init__(self) -> None:
        self._stream: BinaryStream | None = None
        self._free: SimpleQueue[memoryview] = SimpleQueue()
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._results: SimpleQueue[bool] = SimpleQueue()
        for _ in range(BUFFERS):
            self._free.put(memoryview(bytearray(PIECE)))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def read(self, file: FileToSend) -> Iterator[memoryview]:
        digest, left = hashlib.sha256(), file.size
        with closing(file.open()) as self._stream:
            while left:
                buffer = self._free.get()
                piece = buffer[: _fill(buffer[:left], self._stream)]
                if len(piece) < min(PIECE, left):
                    raise OSError("The file is shorter than it should be.")
                left -= len(piece)
                if file.sha256:
                    self._work.put(partial(digest.update, piece))
                self._work.put(partial(self._free.put, buffer))
                yield piece
        self._work.put(lambda: self._results.put(file.sha256 in ("", digest.hexdigest())))

    def confirm(self) -> None:
        """Wait for the hash of the first file that is not confirmed yet. Raises OSError if it is another one."""
        if not self._results.get():
            raise OSError("The hash of the file does not match.")

    def close(self) -> None:
        """Also the file that was being read when the connection broke."""
        self._work.put(None)
        if self._stream is not None:
            self._stream.close()


def _fill(buffer: memoryview, stream: BinaryStream) -> int:
    """Read until the buffer is full or the stream ends. Returns the number of bytes read."""
    filled = 0
    while filled < len(buffer) and (count := stream.readinto(buffer[filled:])):
        filled += count
    return filled
