"""The Python client, with the web process as it is shipped."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from segmind_assets import Details, Library, LibraryError

from assets.models import Asset
from tests.browser.site import Site
from tests.support.factories import a_file_of, a_picture, an_asset
from tests.support.programs import a_token
from tests.worker.test_worker import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


@pytest.fixture
def requests_sent(caplog) -> Callable[[], list[str]]:
    """Those since the last call: `POST /assets`."""
    caplog.set_level(logging.DEBUG, logger="urllib3.connectionpool")

    def take() -> list[str]:
        found = re.findall(r'"(\w+) /api/v1(\S*) HTTP', caplog.text)
        caplog.clear()
        return [f"{method} {path}" for method, path in found]

    return take


@pytest.mark.usefixtures("_worker")
def test_a_file_gets_its_url_and_is_sent_once(library, tmp_path, requests_sent):
    picture = tmp_path / 'sea "1" ü.png'
    picture.write_bytes(a_picture(text="sea"))
    asset = library.upload(picture, tags=["hero", "sea"], collection="Trips/2024", private=True)
    assert asset.url
    assert (asset.file_name, asset.tags, asset.collections) == (picture.name, ["hero", "sea"], ["Trips/2024"])
    assert asset.visibility == "private"
    assert requests_sent()[:2] == ["POST /assets/by-hash", "POST /assets"]

    assert library.upload(picture) == library.get(asset.page)
    assert requests_sent()[:1] == ["POST /assets/by-hash"]
    assert library.files.upload([picture, str(picture)])["file_urls"] == [asset.url, asset.url]
    assert "POST /assets" not in requests_sent()


def test_many_files_are_answered_in_their_order(library, tmp_path, requests_sent):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.png").write_bytes(a_picture(text=str(number % 10)))
    (folder / "05a.txt").write_text("no picture")
    paths = [*sorted(folder.iterdir()), folder / "missing.png"]
    outcomes = list(library.upload_all(paths, details=Details(tags=("batch",))))
    assert [outcome.path for outcome in outcomes] == paths
    refused = {outcome.path.name: outcome.error.code for outcome in outcomes if outcome.error}
    assert refused == {"05a.txt": "media_type", "missing.png": "unreadable"}
    assert Asset.objects.count() == 10
    assert requests_sent() == ["POST /assets/by-hash/batch", "POST /assets/batch"]
    assert {outcome.status for outcome in library.upload_all(paths[:5])} == {"known"}
    assert requests_sent() == ["POST /assets/by-hash/batch"]
    titled = library.upload_all([paths[0], paths[0]], details=Details(title="Sea"))
    assert [outcome.status for outcome in titled] == ["known", "known"]
    assert requests_sent() == ["POST /assets/by-hash"] * 2


def test_what_is_too_large_together_is_sent_one_by_one(token, folders, tmp_path, requests_sent):
    """A proxy may take less than the library, which stands in for it here."""
    site = Site({"DATABASE_URL": database_url(), "UPLOAD_MAX_FORM_BYTES": "100000"}, tmp_path / "small.log")
    site.start()
    paths = [tmp_path / f"{number}.pdf" for number in range(3)]
    for path in paths:
        path.write_bytes(a_file_of(60_000))
    library = Library(site.url, token)
    try:
        assert [outcome.status for outcome in library.upload_all(paths)] == ["received"] * 3
        assert requests_sent()[1:] == ["POST /assets/batch"] + ["POST /assets"] * 3
    finally:
        library.close()
        site.kill()


def test_searching_goes_from_page_to_page(library, ana):
    for number in range(130):
        an_asset(owner=ana, title=f"Picture {number}")
    results = library.search("picture nothing:here", limit=3)
    assert list(results) == []
    assert "nothing:" in results.remarks[0]
    assert len({asset.id for asset in library.search("picture")}) == 130
    assert [asset.title for asset in library.search("picture", sort="oldest", limit=2)] == ["Picture 0", "Picture 1"]


def test_an_edit_does_not_undo_that_of_somebody_else(library, ana):
    _, start = library.events("0")
    read = library.get(str(an_asset(owner=ana, title="Sea").pk))
    assert library.edit(read, title="Dawn").title == "Dawn"
    with pytest.raises(LibraryError) as conflict:
        library.edit(read, title="Dusk")
    assert conflict.value.code == "conflict"
    assert library.edit(read.id, title="Dusk", add_tags=["evening"]).tags == ["evening"]
    library.trash(read)
    assert [asset.id for asset in library.search("is:trashed")] == [read.id]
    assert library.undo().message == "Undone: Moved “Dusk” to trash"
    assert library.get(read.id).trashed_at is None
    numbered = library.change_many("edit", ids=[read], title={"set": "{title} {n:02}"}, confirm=True)
    assert library.get(read.page).title == "Dusk 01"
    assert library.undo(numbered).restored == 1
    with pytest.raises(LibraryError, match="Nothing to undo"):
        library.undo(numbered)
    events, following = library.events(start)
    assert {event.asset_id for event in events} == {read.id}
    assert library.events(following) == ([], following)
    assert library.create_collection("Trips/2024").path == "Trips/2024"
    assert {collection.path for collection in library.collections()} == {"Trips", "Trips/2024"}


def test_a_token_without_the_scope_is_told_so(site, ana, folders):
    with pytest.raises(LibraryError, match="Create one with the write scope") as refused:
        Library(site.url, a_token(ana, "read")).edit(str(an_asset(owner=ana).pk), title="x")
    assert (refused.value.status, refused.value.code) == (403, "scope")


def test_a_large_file_goes_on_where_a_killed_server_left_it(library, site, ana, tmp_path):
    film = tmp_path / "film.pdf"
    film.write_bytes(a_file_of(60_000_000))
    offsets: list[int] = []

    def watch(path, offset: int) -> None:
        offsets.append(offset)
        if 20_000_000 < offset < 25_000_000 and not killed.is_set():
            killed.set()
            site.kill()
            threading.Thread(target=site.start).start()

    killed = threading.Event()
    [outcome] = library.upload_all([film], progress=watch, details=Details(title="Film"))
    assert killed.is_set()
    assert outcome.status == "received"
    assert (Asset.objects.get().stored_file.sha256, outcome.asset.title) == (outcome.asset.sha256, "Film")
    # Sent in parts of 16 MB: the first is never sent again.
    assert min(offsets[offsets.index(16_000_000) :]) == 16_000_000
    assert [outcome.status for outcome in library.upload_all([film])] == ["known"]


# --- When the library is busy ---


class _Busy(BaseHTTPRequestHandler):
    """Refuses the first two requests."""

    seen: list[tuple[float, str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((time.monotonic(), self.headers["Idempotency-Key"]))
        statuses = {1: 503, 2: 429}
        self.send_response(status := statuses.get(len(self.seen), 201))
        self.send_header("Retry-After", "1")
        body = json.dumps({"code": "busy", "detail": "Wait."} if status > 400 else COLLECTION).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None: ...


COLLECTION = {
    "id": "1",
    "path": "A",
    "name": "A",
    "description": "",
    "visibility": "team",
    "asset_count": 0,
    "page": "",
}


@pytest.fixture
def busy() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_request_is_sent_again_when_the_library_says(busy, folders):
    library = Library(busy, "sal_0123456789")
    assert library.create_collection("A").path == "A"
    library.close()
    times, keys = zip(*_Busy.seen, strict=True)
    assert len(times) == 3
    assert min(times[1] - times[0], times[2] - times[1]) >= 1
    assert len(set(keys)) == 1
