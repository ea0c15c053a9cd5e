"""The library, as a Python object."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal
from urllib.parse import quote
from uuid import UUID

from segmind_assets import config
from segmind_assets.answers import (
    Answer,
    Asset,
    BulkResult,
    Collection,
    Event,
    Me,
    ReadyRequest,
    ReferenceSet,
    SetRequest,
    Status,
    Tag,
    Undone,
    UndoStep,
    parse,
)
from segmind_assets.connection import Connection, LibraryError
from segmind_assets.outcomes import Details, Outcome
from segmind_assets.sdk import Files
from segmind_assets.search_results import SearchResults, pages
from segmind_assets.unfinished import UnfinishedUploads
from segmind_assets.uploads import PARALLEL, Progress, Uploader

Sort = Literal["newest", "oldest", "name", "name_desc", "size", "smallest", "used"]
EVENTS_SIZE = 500
FIRST_LOOK, LONGEST_LOOK = 0.3, 5.0
WAIT_SECONDS = 15 * 60


class Library:
    """`url` and `token` are optional after `assets login`, or with ASSETS_URL and ASSETS_TOKEN set.

    Every method raises LibraryError with a sentence of the library. `patience`: for how many seconds a request is sent
    again that fails for a reason that may pass. Threads may share a library.
    """

    def __init__(self, url: str = "", token: str = "", *, patience: float = 30) -> None:
        if not url or not token:
            saved = config.load()
            url, token = url or saved.url, token or saved.token
        self._connection = Connection(url, token, patience=patience)
        self._unfinished = UnfinishedUploads(config.state_folder(), self._connection.url)

    @property
    def url(self) -> str:
        return self._connection.url

    @property
    def files(self) -> Files:
        """`files.upload(path)` as in the official SDK of Segmind."""
        return Files(self)

    def close(self) -> None:
        self._connection.close()

    def whoami(self) -> Me:
        return parse(Me, self._connection.get("/me"))

    def status(self) -> Status:
        return parse(Status, self._connection.get("/status"))

    # --- Uploading ---

    def upload(
        self,
        path: str | os.PathLike[str],
        *,
        title: str = "",
        description: str = "",
        tags: Iterable[str] = (),
        collection: str = "",
        private: bool | None = None,
        wait: bool = True,
    ) -> Asset:
        """With `wait`, once it has its URL.

        Content that the library has is not sent; a large file goes on from its last byte. Raises OSError for a file
        that cannot be read.
        """
        details = Details(title, description, tuple(tags), collection, private)
        asset = self._uploader().upload(Path(path), details).asset
        return self.wait(asset) if wait else asset

    def upload_all(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        details: Details | None = None,
        parallel: int = PARALLEL,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Several at once, answered in their order. Does not wait for URLs."""
        return self._uploader(progress).upload_all(map(Path, paths), details or Details(), parallel)

    def _uploader(self, progress: Progress | None = None) -> Uploader:
        return Uploader(self._connection, self._unfinished, progress or (lambda path, count: None))

    def import_url(self, url: str, *, details: Details | None = None, wait: bool = True) -> Asset:
        """The library fetches it: https, and open to everybody."""
        answer = self._connection.post("/assets/by-url", json={"url": url, **(details or Details()).as_json()})
        asset = parse(Asset, answer.json())
        return self.wait(asset) if wait else asset

    def wait(self, asset: Asset | str, *, timeout: float = WAIT_SECONDS) -> Asset:
        """Until it is stored and has its URL. Needs a token that can read; raises LibraryError if sending failed."""
        until, pause = time.monotonic() + timeout, FIRST_LOOK
        found = self.get(asset) if isinstance(asset, str) else asset
        while not (found.state == "stored" and found.url):
            if found.state == "failed":
                raise LibraryError(f"{found.file_name}: {found.error or 'sending failed.'}", code="failed")
            if time.monotonic() + pause > until:
                raise LibraryError(f"{found.file_name} has no URL yet. See {found.page}.", code="timeout")
            time.sleep(pause)
            found, pause = self.get(found.id), min(pause * 1.5, LONGEST_LOOK)
        return found

    # --- Finding and reading ---

    def search(self, q: str = "", *, sort: Sort = "newest", limit: int | None = None) -> "SearchResults":
        """`q` as in the search box: `tag:hero type:image`. Pages are fetched as they are needed."""
        return SearchResults(self._connection, q, sort, limit)

    def get(self, asset: Asset | str) -> Asset:
        return parse(Asset, self._connection.get(_path_of(asset)))

    def download(self, asset: Asset | str, to: str | os.PathLike[str]) -> Path:
        """The file as it was uploaded, in a folder under its own name."""
        target = Path(to)
        if target.is_dir():
            found = self.get(asset) if isinstance(asset, str) else asset
            target /= Path(found.file_name).name
        with target.open("wb") as file:
            self._save(f"{_path_of(asset)}/original", file)
        return target

    def export(self, q: str, file: BinaryIO, *, format: Literal["csv", "json"] = "csv") -> None:
        """Everything known about all that a search finds."""
        self._save("/export", file, params={"q": q, "format": format})

    def preview(self, asset: Asset | str) -> tuple[str, bytes]:
        """A small picture of it, and its media type."""
        response = self._connection.request("GET", f"{_path_of(asset)}/preview")
        return response.headers["Content-Type"].partition(";")[0], response.content

    def collections(self, q: str = "") -> Iterator[Collection]:
        return self._list(Collection, "/collections", q)

    def tags(self, q: str = "") -> Iterator[Tag]:
        return self._list(Tag, "/tags", q)

    def events(self, after: str = "now") -> tuple[list[Event], str]:
        """All that changed since then, and the `after` to go on with.

        To keep a copy: ask for "now", read the assets, then ask again and again.
        """
        found: list[Event] = []
        while True:
            page = self._connection.get("/events", params={"after": after, "limit": EVENTS_SIZE})
            found += (parse(Event, each) for each in page["items"])
            if page["next"] == after or after == "now":
                return found, page["next"]
            after = page["next"]

    def _list(self, kind: type[Answer], path: str, q: str) -> Iterator[Answer]:
        return (parse(kind, each) for page in pages(self._connection, path, {"q": q}) for each in page["items"])

    def _save(self, path: str, file: BinaryIO, **options: Any) -> None:
        with self._connection.request("GET", path, stream=True, **options) as response:
            for chunk in response.iter_content(256 * 1024):
                file.write(chunk)

    def request(
        self,
        model: str,
        assets: Iterable[Asset | str],
        *,
        inputs: Iterable[str] = (),
        values: Mapping[str, Any] = {},
        version: Literal["v2", "v1"] = "v2",
        formats: Iterable[str] = (),
    ) -> ReadyRequest:
        """A request to a model of Segmind with these assets, ready to be sent by you. Nothing is run.

        `inputs`: one for each asset, or one for all; otherwise those that fit. `values`: of the other parameters.
        """
        body = {
            "assets": [id_of(each) for each in assets],
            "inputs": list(inputs),
            "version": version,
            "formats": list(formats),
            "values": dict(values),
        }
        answer = self._connection.post(f"/models/{quote(model, safe='')}/request", json=body).json()
        texts = {each["name"]: each["text"] for each in answer["texts"]}
        return parse(ReadyRequest, {**answer, "texts": texts})

    def sets(self) -> Iterator[ReferenceSet]:
        """Your reference sets and those of the team, the latest changed first."""
        for page in pages(self._connection, "/sets", {}):
            yield from (parse(ReferenceSet, each) for each in page["items"])

    def set_request(self, reference_set: ReferenceSet | str) -> SetRequest:
        """With the URLs of this moment. Raises LibraryError with the code `not_ready` where it cannot be sent."""
        pk = reference_set.id if isinstance(reference_set, ReferenceSet) else id_of(reference_set)
        return parse(SetRequest, self._connection.get(f"/sets/{pk}/request"))

    # --- Changing ---

    def edit(self, asset: Asset | str, **changes: str | list[str]) -> Asset:
        """`title`, `description`, `visibility`, `tags`, `collections`; `add_tags`, `remove_tags`, `add_collections`,
        `remove_collections`.

        Of an Asset, raises LibraryError with the code `conflict` if one of these fields was changed since it was read;
        of an id, changes whatever there is now.
        """
        if isinstance(asset, Asset):
            headers, changes = {}, {"version": asset.version, **changes}
        else:
            headers = {"If-Match": "*"}
        answer = self._connection.request("PATCH", _path_of(asset), json=changes, headers=headers)
        return parse(Asset, answer.json())

    def trash(self, asset: Asset | str) -> None:
        self._connection.request("DELETE", _path_of(asset))

    def restore(self, asset: Asset | str) -> Asset:
        return parse(Asset, self._connection.post(f"{_path_of(asset)}/restore").json())

    def delete_permanently(self, asset: Asset | str) -> None:
        """Only what is in the trash."""
        self._connection.request("DELETE", _path_of(asset), params={"permanent": "true"})

    def create_collection(self, path: str, *, private: bool = False) -> Collection:
        """With those above it: `Trips/2024`. One that is there already is answered as it is."""
        visibility = "private" if private else "team"
        return parse(
            Collection, self._connection.post("/collections", json={"path": path, "visibility": visibility}).json()
        )

    def change_many(
        self, action: str, *, ids: Iterable[Asset | str] = (), q: str | None = None, confirm: bool = False, **words: Any
    ) -> BulkResult:
        """A bulk action on `ids`, or on all that `q` finds. Without `confirm`, it only says what would change.

        `change_many("tag", q="tag:hero", tags=["launch"])`, or of titles and descriptions
        `change_many("edit", q="tag:hero", title={"set": "Hero {n:02}"}, description={"find": "draft", "replace": ""})`.
        """
        body = {"action": action, "ids": [id_of(each) for each in ids], "q": q, "confirm": confirm, **words}
        return parse(BulkResult, self._connection.post("/bulk", json=body).json())

    def undo_steps(self) -> list[UndoStep]:
        """What you changed within the last hour, the latest first, here or on the pages."""
        return [parse(UndoStep, each) for each in self._connection.get("/undo")["items"]]

    def undo(self, change: BulkResult | UndoStep | str | None = None) -> Undone:
        """Take a change back, or without one the latest of `undo_steps()`. What others changed since stays."""
        if change is None:
            change = next(iter(self.undo_steps()), None)
        pk = change.undo if isinstance(change, BulkResult) else change.id if isinstance(change, UndoStep) else change
        if not pk:
            raise LibraryError("Nothing to undo. A change can be undone once, within an hour.", code="not_found")
        return parse(Undone, self._connection.post(f"/undo/{pk}").json())


def _path_of(asset: Asset | str) -> str:
    return f"/assets/{id_of(asset)}"


def id_of(asset: Asset | str) -> str:
    """The address of a page works in the place of an id. Raises LibraryError."""
    if isinstance(asset, Asset):
        return asset.id
    try:
        return str(UUID(asset.rstrip("/").rpartition("/")[2]))
    except ValueError:
        raise LibraryError(f"“{asset}” is not the id of an asset, or the address of its page.", code="id") from None
