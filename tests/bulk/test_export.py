"""Copying, exporting and downloading what is selected."""

import csv
import io
import json
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from assets.bulk import zip_export
from assets.models import State, Use, Visibility
from tests.support.factories import a_stored_file, an_asset, damage

pytestmark = pytest.mark.django_db


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def a_csv(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def a_zip(response) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(body(response)))
    assert found.testzip() is None
    return found


@pytest.fixture
def hidden(ben):
    """What Ana must never get: a private asset of Ben's, and a trashed one."""
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
    assert "1 selected asset has no URL yet" in page


def test_urls_with_an_email_address_carry_a_warning(as_ana, ana):
    url = "https://images.segmind.com/assets/ana@example.com/images/1.png"
    plain, telling = an_asset(owner=ana), an_asset(owner=ana, stored_file=a_stored_file(url=url))
    words = "e-mail address of the Segmind account"
    assert words not in as_ana.post("/assets/copy/", {"id": plain.pk}).content.decode()
    assert words in as_ana.post("/assets/copy/", {"id": [plain.pk, telling.pk]}).content.decode()


def test_copying_counts_as_use(as_ana, ana):
    asset, waiting = an_asset(owner=ana), an_asset(owner=ana, state=State.QUEUED)
    as_ana.post("/assets/copy/", {"id": [asset.pk, waiting.pk], "as": "lines"})
    assert [use.asset for use in Use.objects.filter(user=ana)] == [asset]


@pytest.mark.parametrize(
    "url", ["/assets/copy/?as=lines&", "/assets/export/csv/?", "/assets/export/json/?", "/assets/download/?"]
)
def test_no_private_asset_of_others_is_exported(as_ana, ana, hidden, url):
    an_asset(owner=ana, title="harbour mine")
    for query in ["all=1&q=harbour", "&".join(f"id={asset.pk}" for asset in hidden) + "&all=1"]:
        response = as_ana.get(url + query)
        exported = body(response) if response.streaming else response.content
        for asset in hidden:
            for words in (asset.title, asset.stored_file.url, asset.stored_file.sha256):
                assert words.encode() not in exported
    alone = as_ana.get(url + f"id={hidden[0].pk}")
    assert alone.status_code == 400 or hidden[0].title.encode() not in body(alone)


def test_an_export_has_every_field_in_the_order_of_the_search(as_ana, ana):
    for title in ("b", "a", "c"):
        an_asset(owner=ana, title=title, tags=("x", "y"), description="line\nbreak").set_labels(
            collections=["Trips/2024"]
        )
    response = as_ana.get("/assets/export/csv/?all=1&sort=name")
    assert 'filename="assets.csv"' in response["content-disposition"]
    rows = a_csv(response)
    assert [row["title"] for row in rows] == ["a", "b", "c"]
    asset = ana.assets.get(title="a")
    assert rows[0] | {"url": asset.stored_file.url, "tags": "x, y", "collections": "Trips/2024", "owner": "ana",
                      "description": "line\nbreak", "sha256": asset.stored_file.sha256,
                      "page": f"http://testserver{asset.get_absolute_url()}"} == rows[0]  # fmt: skip
    exported = json.loads(body(as_ana.get("/assets/export/json/?all=1&sort=name")))["assets"]
    assert [asset["title"] for asset in exported] == ["a", "b", "c"]
    assert exported[0]["tags"] == ["x", "y"]
    assert exported[0]["page"] == f"http://testserver{asset.get_absolute_url()}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("  =1", "'  =1"),
        ("\u00a0\u200b=1", "'\u00a0\u200b=1"),
        ('"=1"', '\'"=1"'),
        ("two lines\n=1", "two lines\n'=1"),
        ("two lines\r\n +1", "two lines\r\n' +1"),
        ("lines\n \n=1", "lines\n \n'=1"),
        ("a;=1", "a;'=1"),
        ("a\t@x", "a\t'@x"),
        ("a = b, -5 °C; e-mail@home", "a = b, -5 °C; e-mail@home"),
    ],
)
def test_no_csv_value_is_taken_for_a_formula(as_ana, ana, text, written):
    asset = an_asset(owner=ana, title=text, description=text, file_name=text)
    (row,) = a_csv(as_ana.get(f"/assets/export/csv/?id={asset.pk}"))
    assert {row[name] for name in ("title", "description", "file_name")} == {written}


def test_an_export_takes_few_queries(as_ana, ana, django_assert_max_num_queries):
    for number in range(30):
        an_asset(owner=ana, tags=(f"t{number}",), stored_file=a_stored_file(content=b"%d" % number))
    with django_assert_max_num_queries(8):
        assert len(a_csv(as_ana.get("/assets/export/csv/?all=1"))) == 30


def test_originals_in_a_zip_have_unique_names(as_ana, ana, ben):
    contents = [b"first", b"second", b"third", b"fourth"]
    names = ["a.png", "A.png", "a.png", "../../etc/passwd"]
    assets = [
        an_asset(owner=ana if number else ben, file_name=name, stored_file=a_stored_file(content=content))
        for number, (name, content) in enumerate(zip(names, contents, strict=True))
    ]
    response = as_ana.post("/assets/download/", {"id": [asset.pk for asset in assets]})
    assert (response["content-type"], response.streaming) == ("application/zip", True)
    found = a_zip(response)
    assert sorted(found.read(name) for name in found.namelist()) == sorted(contents)
    assert {name.casefold() for name in found.namelist()} == {"a.png", "a (2).png", "a (3).png", "_.._etc_passwd.png"}
    assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}
    assert Use.objects.filter(user=ana).count() == 4


def test_a_zip_names_files_by_what_they_are(as_ana, ana):
    for name, media_type in (
        ("run.bat", "image/gif"),
        ("run.bat.gif", "image/gif"),
        ("\u202efdp.exe", "application/pdf"),
    ):
        an_asset(owner=ana, file_name=name, stored_file=a_stored_file(media_type=media_type))
    found = a_zip(as_ana.get("/assets/download/?all=1"))
    assert sorted(found.namelist()) == ["fdp.exe.pdf", "run.bat (2).gif", "run.bat.gif"]


def test_damaged_originals_are_listed_in_the_zip(as_ana, ana):
    an_asset(owner=ana, file_name="good.png")
    damage(an_asset(owner=ana, file_name="bad.png").stored_file)
    found = a_zip(as_ana.get("/assets/download/?all=1"))
    assert sorted(found.namelist()) == ["good.png", "left out.txt"]
    assert b"bad.png: the copy on this server is damaged. https://" in found.read("left out.txt")


def test_missing_originals_are_listed_in_the_zip(as_ana, ana):
    kept = an_asset(
        owner=ana, file_name="left out.txt", stored_file=a_stored_file(content=b"kept", media_type="text/plain")
    )
    lost = an_asset(owner=ana, file_name="lost.png")
    default_storage.delete(lost.stored_file.original.name)
    dropped = an_asset(owner=ana, file_name="dropped.png", stored_file=a_stored_file())
    type(dropped.stored_file).objects.filter(pk=dropped.stored_file_id).update(original="")
    found = a_zip(as_ana.get("/assets/download/?all=1"))
    assert found.read("left out.txt") == b"kept"
    assert kept.pk
    listed = found.read("left out (2).txt").decode()
    assert "lost.png" in listed
    assert "dropped.png" in listed
    assert lost.stored_file.url in listed


def test_a_zip_is_written_in_small_chunks(ana):
    size = 5 * zip_export.CHUNK_SIZE
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=bytes(size)))
    chunks = list(zip_export.write_zip([[asset]]))
    assert sum(map(len, chunks)) > size
    assert max(map(len, chunks)) <= zip_export.CHUNK_SIZE


def test_an_unknown_export_format_is_404(as_ana):
    assert as_ana.get("/assets/export/xls/?all=1").status_code == 404


@pytest.mark.parametrize("action", ["export", "download"])
def test_a_download_works_without_javascript(as_ana, ana, action):
    asset = an_asset(owner=ana)
    page = as_ana.post("/assets/bulk/", {"action": action, "id": asset.pk}).content.decode()
    assert f'value="{asset.pk}"' in page
    assert "/assets/download/" in page or "/assets/export/csv/" in page
