"""Receiving files, through the form."""

import hashlib
import io
import resource
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from PIL import Image

from assets.models import Asset, State, StoredFile, Tag
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import receive_upload
from tests.support.factories import a_file_of, a_picture, a_stored_file, an_asset
from tests.support.media import EVERY_FORMAT

pytestmark = pytest.mark.django_db(transaction=True)


def temporary_files() -> list[Path]:
    return list(Path(django_settings.FILE_UPLOAD_TEMP_DIR).rglob("*"))


def test_a_file_becomes_a_stored_file_an_asset_and_an_original(as_ana, upload, ana):
    content = a_picture(size=(90, 60))
    (result,) = upload(as_ana, ("sea.png", content), tags="summer, Blau", description="By the sea")["results"]
    assert (result["status"], result["error"]) == ("received", None)
    asset = result["asset"]
    assert asset["sha256"] == hashlib.sha256(content).hexdigest()
    assert (asset["title"], asset["file_name"], asset["kind"], asset["media_type"]) == (
        "sea", "sea.png", "image", "image/png",
    )  # fmt: skip
    assert (asset["size"], asset["width"], asset["height"]) == (len(content), 90, 60)
    assert (asset["state"], asset["url"], asset["owner"]) == ("queued", None, "ana")
    assert (sorted(asset["tags"]), asset["visibility"]) == (["Blau", "summer"], "team")
    with StoredFile.objects.get().original.open() as original:
        assert original.read() == content
    assert temporary_files() == []


def test_an_upload_is_moved_to_the_originals_not_copied(ana):
    with HashedFile("a.pdf") as file:
        file.append(a_file_of(3_000_000))
        file.complete()
        number = Path(file.temporary_file_path()).stat().st_ino
        stored_file = receive_upload(file, owner=ana).asset.stored_file
    assert Path(stored_file.original.path).stat().st_ino == number
    assert temporary_files() == []


def test_many_files_get_results_in_order_and_one_refusal_does_not_stop_the_others(as_ana, upload):
    answer = upload(
        as_ana, ("a.png", a_picture()), ("b.png", b""), ("c.png", b"MZ" + bytes(300)), ("d.png", a_picture())
    )
    assert [(r["file_name"], r["status"]) for r in answer["results"]] == [
        ("a.png", "received"), ("b.png", "refused"), ("c.png", "refused"), ("d.png", "received"),
    ]  # fmt: skip
    assert [r["error"]["code"] for r in answer["results"] if r["error"]] == ["empty", "media_type"]
    assert temporary_files() == []


@pytest.mark.slow
@pytest.mark.parametrize("ending", EVERY_FORMAT)
def test_every_format_is_accepted(as_ana, upload, ending):
    media_type, made = EVERY_FORMAT[ending]
    (result,) = upload(as_ana, (f"x.{ending}", made()))["results"]
    assert result["error"] is None
    assert result["asset"]["media_type"] == media_type


def truncated(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
def test_an_image_that_is_cut_off_is_refused(as_ana, upload, format):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    target = io.BytesIO()
    noise.save(target, format)
    (result,) = upload(as_ana, ("x", truncated(target.getvalue())))["results"]
    assert result["error"]["code"] == "broken"
    assert "damaged" in result["error"]["message"]


def test_a_flipped_byte_in_a_png_is_noticed(as_ana, upload):
    content = bytearray(a_picture())
    content[-20] ^= 0xFF
    assert upload(as_ana, ("x.png", bytes(content)))["results"][0]["error"]["code"] == "broken"


def test_a_file_over_the_limit_is_refused_with_both_sizes_and_leaves_nothing_behind(as_ana, upload, settings):
    settings.UPLOAD_MAX_FILE_BYTES = 100_000
    answer = upload(as_ana, ("big.pdf", a_file_of(2_500_000)), ("exact.pdf", a_file_of(100_000)))
    first, second = answer["results"]
    assert first["error"]["code"] == "too_large"
    assert "2.5 MB" in first["error"]["message"]
    assert "100 kB" in first["error"]["message"]
    assert second["status"] == "received"
    assert temporary_files() == []


def test_a_full_disk_refuses_only_the_file_that_did_not_fit(as_ana, upload):
    """A limit on the size of files stands in for the disk: writing fails in the middle of a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, hard))
    try:
        answer = upload(as_ana, ("big.pdf", a_file_of(6_000_000)), ("small.pdf", a_file_of(1000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    first, second = answer["results"]
    assert first["error"]["code"] == "disk_full"
    assert "Tell an administrator" in first["error"]["message"]
    assert second["status"] == "received"
    assert temporary_files() == []


def test_accepted_types_are_a_setting_and_named_in_the_refusal(as_ana, upload, settings):
    settings.UPLOAD_MEDIA_TYPES = ["image/png"]
    answer = upload(as_ana, ("x.png", a_picture()), ("y.png", a_picture(format="GIF")))
    assert [r["status"] for r in answer["results"]] == ["received", "refused"]
    assert "image/gif" in answer["results"][1]["error"]["message"]
    assert "image/png" in answer["results"][1]["error"]["message"]


def test_the_same_bytes_again_return_the_persons_earlier_asset(as_ana, upload):
    content = a_picture()
    first = upload(as_ana, ("a.png", content), tags="one")["results"][0]
    second = upload(as_ana, ("b.png", content), ("c.png", content), tags="two")["results"]
    assert [r["status"] for r in second] == ["known", "known"]
    assert {r["asset"]["id"] for r in second} == {first["asset"]["id"]}
    assert second[1]["asset"]["file_name"] == "a.png"
    assert sorted(second[1]["asset"]["tags"]) == ["one", "two"]
    assert StoredFile.objects.count() == Asset.objects.count() == 1


def test_the_same_bytes_from_someone_else_become_a_new_asset_of_the_same_file(as_ana, as_ben, upload):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    result = upload(as_ben, ("b.png", content))["results"][0]
    assert (result["status"], result["asset"]["owner"], result["asset"]["title"]) == ("known", "ben", "b")
    assert (StoredFile.objects.count(), Asset.objects.count()) == (1, 2)


def test_someone_elses_private_file_is_not_reported_as_known(as_ana, as_ben, upload):
    content = a_picture()
    upload(as_ana, ("a.png", content), visibility="private")
    assert upload(as_ben, ("b.png", content))["results"][0]["status"] == "received"
    assert StoredFile.objects.count() == 1


def test_uploading_a_trashed_asset_again_restores_it(as_ana, upload):
    content = a_picture()
    asset = upload(as_ana, ("a.png", content))["results"][0]["asset"]
    as_ana.post(f"{asset['page']}trash/")
    page = as_ana.post("/upload/", {"files": io.BytesIO(content)}).content.decode()
    assert not Asset.objects.get().is_trashed
    assert "restored from the trash" in page


def test_a_failed_file_that_is_uploaded_again_is_sent_again(as_ana, upload, ana):
    content = a_picture()
    an_asset(owner=ana, stored_file=a_stored_file(content=content, state=State.FAILED))
    assert upload(as_ana, ("a.png", content))["results"][0]["asset"]["state"] == "queued"


@pytest.mark.parametrize(
    "name",
    [
        "two  spaces.png", 'a "quoted" name.png', "it's.png", "кот 猫 🐈.png", "שלום.png", "👨‍👩‍👧.png", "a&amp;b.png",
        "at 9.41.00\u202fAM.png", "no-ending", ".hidden", "back\\slash.png", "e\u0301.png", "100%.png", "\u202egnp.x",
        "x" * 251 + ".png", "é" * 251 + ".png", "🐈" * 251 + ".png", "a;b=c, d.png", "<img src=x onerror=alert(1)>.png",
    ],
)  # fmt: skip
def test_a_file_name_is_kept_unchanged(as_ana, name):
    # As browsers write it: UTF-8, and only a quotation mark escaped.
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="'
        + name.replace('"', "%22").encode()
        + b'"\r\nContent-Type: image/png\r\n\r\n' + a_picture() + b"\r\n--b--\r\n"
    )  # fmt: skip
    response = as_ana.post(
        "/upload/",
        body,
        content_type="multipart/form-data; boundary=b",
        headers={"accept": "application/json"},
    )
    assert response.json()["results"][0]["file_name"] == name
    assert Asset.objects.get().file_name == name
    page = as_ana.get(Asset.objects.get().get_absolute_url()).content.decode()
    assert "<img src=x" not in page


def test_a_name_that_is_too_long_is_shortened_and_keeps_its_suffix(as_ana, upload):
    name = upload(as_ana, ("x" * 400 + ".jpeg", a_picture()))["results"][0]["file_name"]
    assert len(name) == 255
    assert name.endswith("x.jpeg")


def test_tags_that_differ_only_in_case_and_accents_are_one(as_ana, as_ben, upload):
    upload(as_ana, ("a.png", a_picture()), tags="Café,  two   words , , café")
    upload(as_ben, ("b.png", a_picture()), tags="CAFE")
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Café", "two words"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": "x" * 201}, "title"), ({"tags": "y" * 61}, "tags"), ({"visibility": "?"}, "visibility")],
)
def test_an_invalid_field_refuses_every_file_and_is_named(as_ana, upload, fields, field):
    answer = upload(as_ana, ("a.png", a_picture()), **fields)
    assert answer["results"] == []
    assert answer["errors"][field][0]["message"]
    assert not Asset.objects.exists()


def test_a_form_without_files_says_what_to_do(as_ana):
    response = as_ana.post("/upload/", {"title": "x"})
    assert response.status_code == 400
    assert "Choose at least one file" in response.content.decode()


@pytest.mark.slow
def test_more_than_a_thousand_files_are_refused_with_a_413(as_ana):
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\nx\r\n'
    response = as_ana.post("/upload/", part * 1001 + b"--b--\r\n", content_type="multipart/form-data; boundary=b")
    assert response.status_code == 413
    assert temporary_files() == []


def test_an_incomplete_form_is_refused_and_leaves_no_file_behind(as_ana):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\n' + a_picture()
    response = as_ana.post("/upload/", body, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 400
    assert temporary_files() == []


def test_the_page_shows_each_file_with_its_result(as_ana):
    response = as_ana.post(
        "/upload/", {"files": [io.BytesIO(a_picture()), io.BytesIO(b"")], "title": "Two", "tags": "t"}
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "The file is empty" in page
    assert "Two 1" in page
    assert "Waiting" in page


def test_an_upload_needs_the_csrf_token(ana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    assert client.post("/upload/", {"files": io.BytesIO(a_picture())}).status_code == 403
    assert not Asset.objects.exists()
    assert temporary_files() == []


def test_uploads_in_a_row_share_one_delivery_task(as_ana, upload):
    from django_tasks_db.models import DBTaskResult

    for _ in range(5):
        upload(as_ana, ("a.png", a_picture()), ("b.png", a_picture()))
    assert DBTaskResult.objects.filter(task_path="assets.delivery.run.deliver").count() == 1


def test_the_same_file_again_keeps_the_asset_in_its_nested_collection(as_ana, upload):
    content = a_picture()
    upload(as_ana, ("a.png", content), collection="Trips/2024", tags="sea")
    (result,) = upload(as_ana, ("a.png", content), collection="Covers", tags="blue")["results"]
    assert sorted(result["asset"]["collections"]) == ["Covers", "Trips/2024"]
    assert sorted(result["asset"]["tags"]) == ["blue", "sea"]


def test_a_file_of_a_large_form_takes_few_queries(as_ana, upload, django_assert_max_num_queries):
    """A form of 500 files is received within seconds."""
    upload(as_ana, ("first.png", a_picture()))
    with django_assert_max_num_queries(25 + 20 * 20):
        assert len(upload(as_ana, *((f"{number}.png", a_picture()) for number in range(20)))["results"]) == 20


@pytest.mark.parametrize(("said", "becomes"), [({}, "private"), ({"visibility": "team"}, "team")])
def test_uploads_have_the_visibility_that_the_person_prefers(as_ana, ana, upload, said, becomes):
    ana.default_visibility = "private"
    ana.save()
    upload(as_ana, ("a.png", a_picture()), **said)
    assert Asset.objects.get().visibility == becomes
    for address in ("/upload/", "/upload/tray/"):
        assert '<option value="private" selected>' in as_ana.get(address).content.decode()
