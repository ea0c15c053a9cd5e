"""The upload of Segmind's official SDK, by the library: the same call and answer, and nothing is sent twice."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Union

if TYPE_CHECKING:
    from segmind_assets.library import Library

FilePath = Union[str, "os.PathLike[str]"]
FilePaths = FilePath | Iterable[FilePath]
# What the library says of files that are no media.
NO_MEDIA = ("media_type", "unsupported")


class Uploaded(TypedDict):
    file_urls: list[str]
    message: str


class Files:
    """In the place of `SegmindClient(…).files`."""

    def __init__(self, library: "Library") -> None:
        self._library = library

    def upload(self, file_paths: FilePaths) -> Uploaded:
        """One file or several, of every type that the library accepts. Raises FileNotFoundError and ValueError as the
        SDK does, LibraryError where that raises SegmindError.
        """
        paths = [file_paths] if isinstance(file_paths, (str, os.PathLike)) else list(file_paths)
        _check_all(Path(path) for path in paths)
        outcomes = list(self._library.upload_all(paths))
        for outcome in outcomes:
            if outcome.error and outcome.error.code in NO_MEDIA:
                raise ValueError(f"{outcome.path}: {outcome.error}")
            if outcome.error:
                raise outcome.error
        urls = [str(self._library.wait(outcome.asset).url) for outcome in outcomes if outcome.asset]
        return {"file_urls": urls, "message": "Files uploaded successfully"}


def _check_all(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"File not found: {path}")
        if not path.is_file():
            raise ValueError(f"Path is not a file: {path}")
