"""Taking entries along: URLs to copy, tables, originals; and names while typing."""

import csv
import io
import json
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from assets.bulk import zip_export
from assets.models import Collection, State, Use, Visibility
from tests.support.factories import a_stored_file, an_asset

pytestmark = pytest.mark.django_db


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def a_table(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def a_zip(response) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(body(response)))
    assert found.testzip() is None
    return found


@pytest.fixture
def hidden(ben):
    """What ana must never get: ben's private entry, and one in his trash."""
    return [
        an_asset(owner=ben, title="harbour secret", tags=("hush",), visibility=Visibility.PRIVATE),
        an_asset(owner=ben, title="harbour gone", tags=("hush",), trashed_at=timezone.now()),
    ]


def test_urls_are_copied_as_lines_or_as_an_array(as_ana, ana, ben):
    first, second = an_asset(owner=ana), an_asset(owner=ben)
    waiting = an_asset(owner=ana, state=State.QUEUED)
    chosen = {"id": [first.pk, second.pk, waiting.pk]}
    urls = {first.stored_file.url, second.stored_file.url}
    lines = as_ana.post("/assets/copy/", chosen | {"as": "lines"})
    assert lines["content-type"].startswith("text/plain")
    assert set(lines.content.decode().split("\n")) == urls
    assert set(json.loads(as_ana.post("/assets/copy/", chosen | {"as": "json"}).content)) == urls
    page = as_ana.post("/assets/bulk/", chosen | {"action": "copy"}).content.decode()
    assert all(url in page for url in urls)
    assert "<textarea" in page
    assert "1 of the chosen entries has no URL yet" in page


def test_urls_that_name_a_person_are_said_to(as_ana, ana):
    url = "https://images.segmind.com/assets/ana@example.com/images/1.png"
    plain, telling = an_asset(owner=ana), an_asset(owner=ana, stored_file=a_stored_file(url=url))
    words = "e-mail address of the account"
    assert words not in as_ana.post("/assets/copy/", {"id": plain.pk}).content.decode()
    assert words in as_ana.post("/assets/copy/", {"id": [plain.pk, telling.pk]}).content.decode()


def test_copying_counts_as_use(as_ana, ana):
    entry, waiting = an_asset(owner=ana), an_asset(owner=ana, state=State.QUEUED)
    as_ana.post("/assets/copy/", {"id": [entry.pk, waiting.pk], "as": "lines"})
    assert [use.asset for use in Use.objects.filter(user=ana)] == [entry]


@pytest.mark.parametrize(
    "address", ["/assets/copy/?as=lines&", "/assets/export/csv/?", "/assets/export/json/?", "/assets/download/?"]
)
def test_nothing_that_others_keep_private_is_taken(as_ana, ana, hidden, address):
    an_asset(owner=ana, title="harbour mine")
    for query in ["all=1&q=harbour", "&".join(f"id={entry.pk}" for entry in hidden) + "&all=1"]:
        response = as_ana.get(address + query)
        taken = body(response) if response.streaming else response.content
        for entry in hidden:
            for words in (entry.title, entry.stored_file.url, entry.stored_file.sha256):
                assert words.encode() not in taken
    alone = as_ana.get(address + f"id={hidden[0].pk}")
    assert alone.status_code == 400 or hidden[0].title.encode() not in body(alone)


def test_a_table_has_all_facts_in_the_order_of_the_search(as_ana, ana):
    for title in ("b", "a", "c"):
        an_asset(owner=ana, title=title, tags=("x", "y"), description="line\nbreak").label(collections=["Trips/2024"])
    response = as_ana.get("/assets/export/csv/?all=1&sort=name")
    assert 'filename="assets.csv"' in response["content-disposition"]
    rows = a_table(response)
    assert [row["title"] for row in rows] == ["a", "b", "c"]
    entry = ana.assets.get(title="a")
    assert rows[0] | {"url": entry.stored_file.url, "tags": "x, y", "collections": "Trips/2024", "owner": "ana",
                      "description": "line\nbreak", "sha256": entry.stored_file.sha256,
                      "page": f"http://testserver{entry.get_absolute_url()}"} == rows[0]  # fmt: skip
    exported = json.loads(body(as_ana.get("/assets/export/json/?all=1&sort=name")))["assets"]
    assert [entry["title"] for entry in exported] == ["a", "b", "c"]
    assert exported[0]["tags"] == ["x", "y"]
    assert exported[0]["page"] == f"http://testserver{entry.get_absolute_url()}"


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_a_table_is_taken_for_a_formula(as_ana, ana, title):
    entry = an_asset(owner=ana, title=title, description=title, tags=(title,))
    (row,) = a_table(as_ana.get(f"/assets/export/csv/?id={entry.pk}"))
    for name in ("title", "description", "tags"):
        assert not row[name].startswith(("=", "+", "-", "@", "\t"))
    assert row["title"] == f"'{title}"


def test_an_export_is_read_in_parts_with_few_queries(as_ana, ana, django_assert_max_num_queries):
    for number in range(30):
        an_asset(owner=ana, tags=(f"t{number}",), stored_file=a_stored_file(content=b"%d" % number))
    with django_assert_max_num_queries(8):
        assert len(a_table(as_ana.get("/assets/export/csv/?all=1"))) == 30


def test_originals_come_as_a_zip_under_names_of_their_own(as_ana, ana, ben):
    contents = [b"first", b"second", b"third", b"fourth"]
    names = ["a.png", "A.png", "a.png", "../../etc/passwd"]
    entries = [
        an_asset(owner=ana if number else ben, file_name=name, stored_file=a_stored_file(content=content))
        for number, (name, content) in enumerate(zip(names, contents, strict=True))
    ]
    response = as_ana.post("/assets/download/", {"id": [entry.pk for entry in entries]})
    assert (response["content-type"], response.streaming) == ("application/zip", True)
    found = a_zip(response)
    assert sorted(found.read(name) for name in found.namelist()) == sorted(contents)
    assert {name.casefold() for name in found.namelist()} == {"a.png", "a (2).png", "a (3).png", "_.._etc_passwd"}
    assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}
    assert Use.objects.filter(user=ana).count() == 4


def test_originals_that_are_not_here_are_named_in_the_zip(as_ana, ana):
    kept = an_asset(owner=ana, file_name="left out.txt", stored_file=a_stored_file(content=b"kept"))
    lost = an_asset(owner=ana, file_name="lost.png")
    default_storage.delete(lost.stored_file.original.name)
    dropped = an_asset(owner=ana, file_name="dropped.png", stored_file=a_stored_file())
    type(dropped.stored_file).objects.filter(pk=dropped.stored_file_id).update(original="")
    found = a_zip(as_ana.get("/assets/download/?all=1"))
    assert found.read("left out.txt") == b"kept"
    assert kept.pk
    said = found.read("left out (2).txt").decode()
    assert "lost.png" in said
    assert "dropped.png" in said
    assert lost.stored_file.url in said


def test_a_zip_is_made_piece_by_piece(ana):
    size = 5 * zip_export.CHUNK_SIZE
    entry = an_asset(owner=ana, stored_file=a_stored_file(content=bytes(size)))
    chunks = list(zip_export.write_zip([[entry]]))
    assert sum(map(len, chunks)) > size
    assert max(map(len, chunks)) <= zip_export.CHUNK_SIZE


@pytest.mark.parametrize(
    ("wanted", "safe"),
    [("a/b\\c.png", "a_b_c.png"), ("con.txt", "_con.txt"), ("..", "_"), ("a\0b", "a_b"), ("x. ", "x"), ("", "_")],
)
def test_a_name_in_a_zip_leads_nowhere_else(wanted, safe):
    assert zip_export.safe_name(wanted) == safe
    assert len(zip_export.safe_name(wanted * 300 + ".png")) <= zip_export.MAX_NAME_LENGTH


def test_there_is_no_other_export(as_ana):
    assert as_ana.get("/assets/export/xls/?all=1").status_code == 404


@pytest.mark.parametrize("action", ["export", "download"])
def test_a_selection_is_sent_on_to_the_download_without_javascript(as_ana, ana, action):
    entry = an_asset(owner=ana)
    page = as_ana.post("/assets/bulk/", {"action": action, "id": entry.pk}).content.decode()
    assert f'value="{entry.pk}"' in page
    assert "/assets/download/" in page or "/assets/export/csv/" in page


class TestCompletion:
    @pytest.fixture(autouse=True)
    def _tagged(self, ana, ben, hidden):
        an_asset(owner=ana, tags=("Café", "sea", "seaside", "north sea", "Overseas")).label(collections=["Trips/2024"])
        an_asset(owner=ben, tags=("season",))

    def names(self, client, text: str, noun: str = "tags") -> list[str]:
        return client.get(f"/{noun}/complete/", {"q": text}).json()["names"]

    def test_names_that_begin_so_come_first(self, as_ana):
        assert self.names(as_ana, "SEA") == ["sea", "seaside", "season", "north sea", "Overseas"]

    def test_case_and_accents_do_not_matter(self, as_ana):
        assert self.names(as_ana, "cafe") == self.names(as_ana, "CAFÉ") == ["Café"]

    def test_a_collection_is_completed_by_its_path(self, as_ana):
        assert self.names(as_ana, "trips", "collections") == ["Trips/2024"]
        assert self.names(as_ana, "2024", "collections") == ["Trips/2024"]

    def test_names_on_others_private_entries_are_nobody_elses(self, as_ana, as_ben):
        assert self.names(as_ana, "hus") == self.names(as_ana, "us") == []
        assert self.names(as_ben, "hus") == ["hush"]

    def test_only_a_few_are_offered(self, as_ana, ana):
        an_asset(owner=ana, tags=tuple(f"many {number}" for number in range(40)))
        assert len(self.names(as_ana, "many")) == len(self.names(as_ana, "")) == 12

    def test_a_dialog_gets_options(self, as_ana):
        answer = as_ana.get("/tags/complete/?q=cafe", headers={"hx-request": "true"}).content.decode()
        assert '<option value="Café">' in answer

    def test_pages_with_forms_look_up_no_names(self, as_ana, ana, django_assert_max_num_queries):
        for number in range(20):
            Collection.objects.get_or_create_all([f"c{number}"])
        with django_assert_max_num_queries(3):
            as_ana.get("/upload/")
