"""Large files in parts, by tus 1.0: https://tus.io/protocols/resumable-upload. What has arrived is never sent again."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO
from urllib.parse import urljoin

import requests

from segmind_assets.connection import Connection, LibraryError, Patience, UnreachableError
from segmind_assets.local_file import LocalFile
from segmind_assets.unfinished import UnfinishedUploads

PART_BYTES = 16_000_000
# After so long without a byte that arrives, an upload is given up; the next call goes on from there.
PATIENCE_SECONDS = 10 * 60
# Another request may still be writing; bytes changed on their way.
CONFLICT, CHECKSUM = 409, 460
NOT_FOUND, GONE, SERVER_ERROR = 404, 410, 500
Progress = Callable[[int], None]


class _Part:
    """The body of a request: some bytes of a file, read as they are sent."""

    def __init__(self, file: BinaryIO, start: int, length: int, progress: Progress) -> None:
        self._file, self._start, self._length, self._progress = file, start, length, progress
        self._read = 0
        file.seek(start)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        left = self._length - self._read
        data = self._file.read(left if size < 0 else min(size, left))
        if not data and left:
            raise LibraryError("The file became shorter while it was sent.", code="changed")
        self._read += len(data)
        self._progress(self._start + self._read)
        return data


class UploadInParts:
    """`progress` is called with the number of bytes that are on their way or have arrived."""

    def __init__(
        self,
        connection: Connection,
        unfinished: UnfinishedUploads,
        file: LocalFile,
        fields: Mapping[str, str],
        progress: Progress,
    ) -> None:
        self._connection, self._unfinished, self._file, self._progress = connection, unfinished, file, progress
        self._metadata = _encode({"filename": file.name, "sha256": file.sha256, **fields})
        self._patience = Patience(PATIENCE_SECONDS)

    def send(self) -> dict[str, Any]:
        """What became of it: `status` and `asset`. Raises LibraryError."""
        url, offset = self._resume_or_begin()
        try:
            while offset < self._file.size:
                self._progress(offset)
                offset = self._send_part_or_wait(url, offset)
            self._progress(offset)
            result: dict[str, Any] = self._connection.get(url)
        except LibraryError as error:
            if not error.may_pass:
                self._forget()
            if error.status == GONE:
                raise self._find_refusal(url) from None
            raise
        self._forget()
        return result

    def _forget(self) -> None:
        self._unfinished.forget(self._file, self._metadata)

    def _resume_or_begin(self) -> tuple[str, int]:
        url = self._unfinished.find(self._file, self._metadata)
        if url:
            try:
                return url, self._find_offset(url)
            except LibraryError as error:
                if error.status not in (NOT_FOUND, GONE):
                    raise
        return self._begin()

    def _begin(self) -> tuple[str, int]:
        headers = {"Upload-Length": str(self._file.size), "Upload-Metadata": self._metadata}
        response = self._insist(lambda: self._tus("POST", "/uploads/", headers))
        url = urljoin(response.url, response.headers["Location"])
        self._unfinished.remember(self._file, self._metadata, url)
        return url, int(response.headers["Upload-Offset"])

    def _send_part_or_wait(self, url: str, offset: int) -> int:
        """The new offset."""
        try:
            after = self._send_part(url, offset)
            self._patience.renew()
            return after
        except LibraryError as error:
            self._wait_after(error)
        after = self._find_offset(url)
        if after > offset:
            self._patience.renew()
        return after

    def _send_part(self, url: str, offset: int) -> int:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        with self._file.path.open("rb") as file:
            part = _Part(file, offset, min(PART_BYTES, self._file.size - offset), self._progress)
            return int(self._tus("PATCH", url, headers, data=part).headers["Upload-Offset"])

    def _find_offset(self, url: str) -> int:
        return int(self._insist(lambda: self._tus("HEAD", url, {})).headers["Upload-Offset"])

    def _find_refusal(self, url: str) -> LibraryError:
        """In the words of the library: an answer to HEAD has none."""
        error = self._connection.get(url)["error"]
        return LibraryError(error["message"], code=error["code"], status=GONE)

    def _insist(self, send: Callable[[], requests.Response]) -> requests.Response:
        while True:
            try:
                return send()
            except LibraryError as error:
                self._wait_after(error)

    def _wait_after(self, error: LibraryError) -> None:
        """A server that is being restarted, or a network that changes, answers anything; what has arrived stays."""
        if error.status in (CONFLICT, CHECKSUM, SERVER_ERROR) or isinstance(error, UnreachableError):
            error = LibraryError(str(error), code="in_progress", status=error.status, retry_after=error.retry_after)
        self._patience.wait_after(error)

    def _tus(self, method: str, url: str, headers: Mapping[str, str], **options: Any) -> requests.Response:
        return self._connection.request_once(method, url, headers={"Tus-Resumable": "1.0.0", **headers}, **options)


def _encode(metadata: Mapping[str, str]) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items() if value)
