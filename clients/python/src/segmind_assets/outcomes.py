"""What is said about files that are uploaded, and what becomes of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests

from segmind_assets.answers import Asset, parse
from segmind_assets.connection import LibraryError

CREATED = 201


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

    @classmethod
    def of_receipt(cls, path: Path, receipt: Receipt) -> "Outcome":
        return cls(path, "known" if receipt.is_known else "received", receipt.asset)

    @classmethod
    def of_error(cls, path: Path, error: Exception) -> "Outcome":
        """Of a file that cannot be read, or that the library refuses."""
        if isinstance(error, OSError):
            error = LibraryError(f"{error.strerror or 'It can’t be read'}.", code="unreadable")
        if not isinstance(error, LibraryError):
            raise error
        return cls(path, "refused", error=error)


def read_receipt(answer: requests.Response) -> Receipt:
    return Receipt(parse(Asset, answer.json()), answer.status_code != CREATED)
