"""Lists of the library, page by page."""

from collections.abc import Iterator
from typing import Any

from segmind_assets.answers import Asset, parse
from segmind_assets.connection import Connection

PAGE_SIZE = 100


class SearchResults(Iterator[Asset]):
    """`remarks`: what of the search was not understood, known once the first asset was asked for."""

    def __init__(self, connection: Connection, q: str, sort: str, limit: int | None) -> None:
        self.remarks: list[str] = []
        self._left = limit
        self._assets = self._fetch(connection, {"q": q, "sort": sort, "limit": min(limit or PAGE_SIZE, PAGE_SIZE)})

    def __next__(self) -> Asset:
        if self._left is not None:
            if self._left <= 0:
                raise StopIteration
            self._left -= 1
        return next(self._assets)

    def _fetch(self, connection: Connection, parameters: dict[str, Any]) -> Iterator[Asset]:
        for page in pages(connection, "/assets", parameters):
            self.remarks = [f"{remark['text']}: {remark['reason']}" for remark in page["remarks"]]
            yield from (parse(Asset, each) for each in page["items"])


def pages(connection: Connection, path: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        page = connection.get(path, params=parameters)
        yield page
        if page["next"] is None:
            return
        parameters = {**parameters, "cursor": page["next"]}
