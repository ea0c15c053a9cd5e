"""What an asset said when somebody read it, so that an edit can tell what has changed since."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from assets.text.file_names import on_one_line

from .assets import Asset

FIELDS = ("title", "description", "visibility", "tags", "collections")


@dataclass(frozen=True)
class Version:
    """A hash of each of `FIELDS`, and one of whatever else an edit changes.

    It is computed, not counted, so no way to edit an asset can forget it. Whoever sees other collections of the asset
    has another version.
    """

    hashes: tuple[str, ...]

    @classmethod
    def of(cls, asset: Asset, *, tags: Sequence[str], collections: Sequence[str]) -> "Version":
        texts = (on_one_line(asset.title), asset.description, asset.visibility)
        other = [str(value) for value in (asset.owner_id, asset.trashed_at, asset.updated_at)]
        return cls(tuple(map(_hash, (*texts, tags, collections, other))))

    @classmethod
    def parse(cls, text: str) -> "Version":
        """One that is not from here is unlike every other."""
        hashes = tuple(text.split("."))
        return cls(hashes if len(hashes) == len(FIELDS) + 1 else ("",) * len(FIELDS))

    def __str__(self) -> str:
        return ".".join(self.hashes)

    def has(self, field: str, value: str) -> bool:
        return self._hash_of(field) == _hash(value)

    def agrees(self, other: "Version", field: str) -> bool:
        return self._hash_of(field) == other._hash_of(field)

    def _hash_of(self, field: str) -> str:
        return self.hashes[FIELDS.index(field)]


def _hash(value: str | Sequence[str]) -> str:
    """Browsers send line breaks in their own way, and forms strip what is around a text."""
    same = value.replace("\r\n", "\n").strip() if isinstance(value, str) else sorted(value)
    return hashlib.blake2b(json.dumps(same).encode(), digest_size=6).hexdigest()
