"""Uploading: asks by hash whether the library has the content, sends what it has not, several files at once."""

import base64
import mimetypes
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests

from segmind_assets.answers import Asset, parse
from segmind_assets.connection import Connection, LibraryError
from segmind_assets.local_file import LocalFile
from segmind_assets.parts import PART_BYTES, UploadInParts
from segmind_assets.unfinished import UnfinishedUploads

# To ask about a file of this size takes longer than to send it, unless the answer is that it is known.
CHEAP_BYTES = 512 * 1024
HEAD_BYTES = 4096
PARALLEL, AHEAD = 8, 4
CREATED = 201
# The file, and how many of its bytes are on their way or have arrived; all of them once it is uploaded or refused.
Progress = Callable[[Path, int], None]


@dataclass(frozen=True)
class Details:
    """What is said about uploaded files.

    `collection` is a path: `Trips/2024`. `private` None leaves it to the account's own default.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    collection: str = ""
    private: bool | None = None

    def as_fields(self) -> dict[str, str]:
        visibility = {None: "", True: "private", False: "team"}[self.private]
        facts = {"title": self.title, "description": self.description, "tags": ", ".join(self.tags)}
        fields = {**facts, "collection": self.collection, "visibility": visibility}
        return {name: value for name, value in fields.items() if value}

    def as_json(self) -> dict[str, Any]:
        return {**self.as_fields(), "tags": list(self.tags)}


@dataclass(frozen=True)
class Receipt:
    """`is_known`: the library had the content."""

    asset: Asset
    is_known: bool


@dataclass(frozen=True)
class Outcome:
    """Of one file among many. Either `asset` or `error` is there."""

    path: Path
    status: Literal["received", "known", "refused"]
    asset: Asset | None = None
    error: LibraryError | None = None


class Uploader:
    """Threads may share one."""

    def __init__(self, connection: Connection, unfinished: UnfinishedUploads, progress: Progress) -> None:
        self._connection, self._unfinished, self._progress = connection, unfinished, progress
        self._last_was_known = True

    def upload_all(self, paths: Iterable[Path], details: Details, parallel: int) -> Iterator[Outcome]:
        """In the order of the paths. However many they are, few are looked at ahead."""
        pool = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="upload")
        waiting: deque[Future[Outcome]] = deque()
        try:
            for path in paths:
                waiting.append(pool.submit(self._try_upload, path, details))
                while waiting and (len(waiting) > AHEAD * parallel or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _try_upload(self, path: Path, details: Details) -> Outcome:
        """A file that is refused does not stop the others."""
        try:
            receipt = self.upload(path, details)
            outcome = Outcome(path, "known" if receipt.is_known else "received", receipt.asset)
        except OSError as error:
            problem = LibraryError(f"{error.strerror or 'It can’t be read'}.", code="unreadable")
            outcome = Outcome(path, "refused", error=problem)
        except LibraryError as error:
            outcome = Outcome(path, "refused", error=error)
        self._progress(path, outcome.asset.size if outcome.asset else 0)
        return outcome

    def upload(self, path: Path, details: Details) -> Receipt:
        """Raises LibraryError, and OSError for a file that cannot be read."""
        file = LocalFile.read(path)
        if file.size >= PART_BYTES:
            receipt = self._send_in_parts(path, file, details)
        elif file.size > CHEAP_BYTES or self._last_was_known:
            receipt = self._ask(file, details) or self._send(file, details)
        else:
            receipt = self._send(file, details)
        self._last_was_known = receipt.is_known
        return receipt

    def _ask(self, file: LocalFile, details: Details) -> Receipt | None:
        """None where the bytes are needed."""
        with file.path.open("rb") as opened:
            head = base64.b64encode(opened.read(HEAD_BYTES)).decode()
        facts = {"sha256": file.sha256, "size": file.size, "file_name": file.name, "head": head}
        try:
            return _read_receipt(self._connection.post("/assets/by-hash", json={**facts, **details.as_json()}))
        except LibraryError as error:
            if error.code != "unknown":
                raise
        return None

    def _send(self, file: LocalFile, details: Details) -> Receipt:
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        parts = {"file": (file.name, file.path.read_bytes(), media_type)}
        fields = {**details.as_fields(), "sha256": file.sha256}
        return _read_receipt(self._connection.post("/assets", data=fields, files=parts))

    def _send_in_parts(self, path: Path, file: LocalFile, details: Details) -> Receipt:
        def progress(count: int) -> None:
            self._progress(path, count)

        upload = UploadInParts(self._connection, self._unfinished, file, details.as_fields(), progress)
        result = upload.send()
        if error := result["error"]:
            raise LibraryError(error["message"], code=error["code"])
        return Receipt(parse(Asset, result["asset"]), result["status"] == "known")


def _read_receipt(answer: requests.Response) -> Receipt:
    return Receipt(parse(Asset, answer.json()), answer.status_code != CREATED)
