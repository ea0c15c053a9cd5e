"""Small files, many in a request. The library is asked about all of them first, and gets those that it has not.

None of these requests needs an Idempotency-Key: the same content of the same person is one asset, however often it is
sent.
"""

import mimetypes
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from segmind_assets.answers import Asset, parse
from segmind_assets.connection import Connection, LibraryError
from segmind_assets.local_file import LocalFile
from segmind_assets.outcomes import Details, Outcome, Receipt, read_receipt

TOO_LARGE = 413


class Batch:
    """`connection` may be shared with others, a batch is used once."""

    def __init__(self, connection: Connection, details: Details) -> None:
        self._connection, self._details = connection, details
        self._outcomes: dict[Path, Outcome] = {}

    def upload(self, paths: Sequence[Path]) -> list[Outcome]:
        """In their order. A file that is refused does not stop the others."""
        files = {path: file for path in paths if (file := self._try_read(path))}
        try:
            self._send(self._ask(files))
        except LibraryError as error:
            for path in paths:
                self._outcomes.setdefault(path, Outcome.of_error(path, error))
        return [self._outcomes[path] for path in paths]

    def _try_read(self, path: Path) -> LocalFile | None:
        try:
            return LocalFile.read(path)
        except OSError as error:
            self._outcomes[path] = Outcome.of_error(path, error)
        return None

    def _ask(self, files: dict[Path, LocalFile]) -> dict[Path, LocalFile]:
        """Those that the library has not."""
        if not files:
            return {}
        facts = [{"sha256": file.sha256, "size": file.size, "file_name": file.name} for file in files.values()]
        body = {"files": facts, **self._details.as_json()}
        results = self._connection.request("POST", "/assets/by-hash/batch", json=body).json()["results"]
        return {path: files[path] for path in self._note(files, results)}

    def _send(self, files: dict[Path, LocalFile]) -> None:
        parts = {path: part for path, file in files.items() if (part := self._try_take(path, file))}
        if not parts:
            return
        fields = [*self._details.as_fields().items(), *(("sha256", files[path].sha256) for path in parts)]
        try:
            answer = self._connection.request(
                "POST", "/assets/batch", data=fields, files=[("file", part) for part in parts.values()]
            )
        except LibraryError as error:
            if error.status != TOO_LARGE or len(parts) == 1:
                raise
            self._send_each({path: files[path] for path in parts})
        else:
            self._note(parts, answer.json()["results"])

    def _try_take(self, path: Path, file: LocalFile) -> tuple[str, bytes, str] | None:
        try:
            return as_part(file)
        except OSError as error:
            self._outcomes[path] = Outcome.of_error(path, error)
        return None

    def _send_each(self, files: dict[Path, LocalFile]) -> None:
        """Where something on the way takes no request of this size."""
        for path, file in files.items():
            try:
                self._outcomes[path] = Outcome.of_receipt(path, send_file(self._connection, file, self._details))
            except (OSError, LibraryError) as error:
                self._outcomes[path] = Outcome.of_error(path, error)

    def _note(self, paths: Iterable[Path], results: list[dict[str, Any]]) -> list[Path]:
        """Returns those that are unknown."""
        unknown = []
        for path, result in zip(paths, results, strict=True):
            if result["status"] == "unknown":
                unknown.append(path)
            else:
                self._outcomes[path] = _read(path, result)
        return unknown


def _read(path: Path, result: dict[str, Any]) -> Outcome:
    if error := result["error"]:
        return Outcome.of_error(path, LibraryError(error["detail"], code=error["code"], status=error["status"]))
    return Outcome.of_receipt(path, Receipt(parse(Asset, result["asset"]), result["status"] == "known"))


def send_file(connection: Connection, file: LocalFile, details: Details) -> Receipt:
    """Alone. Raises LibraryError, and OSError for a file that cannot be read."""
    fields = {**details.as_fields(), "sha256": file.sha256}
    return read_receipt(connection.request("POST", "/assets", data=fields, files={"file": as_part(file)}))


def as_part(file: LocalFile) -> tuple[str, bytes, str]:
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return file.name, file.path.read_bytes(), media_type
