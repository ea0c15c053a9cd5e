"""Stored URLs are compared with their files, at the host that serves them."""

import hashlib

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.models import LinkStatus, StoredFile, UploadRequest
from tests.support import replies
from tests.support.factories import a_file_of, a_picture, damage

pytestmark = pytest.mark.django_db(transaction=True)


def statuses() -> set[str]:
    return set(StoredFile.objects.values_list("link_status", flat=True))


def every_url_is_that_of_its_file(segmind) -> bool:
    return all(
        hashlib.sha256(segmind.stored[file.url.removeprefix(segmind.address)][1]).hexdigest() == file.sha256
        for file in StoredFile.objects.all()
    )


def test_a_new_url_is_verified_by_length_type_and_both_ends(as_ana, upload, segmind, work):
    asset = upload(as_ana, ("a.pdf", a_file_of(50_000)))["results"][0]["asset"]
    work()
    assert as_ana.get(asset["page"], headers={"accept": "application/json"}).json()["link_status"] == "verified"
    assert [(method, asked) for method, _, asked in segmind.asked] == [
        ("HEAD", ""), ("GET", "bytes=0-4095"), ("GET", "bytes=45904-49999"),
    ]  # fmt: skip
    assert "Verified" in as_ana.get(asset["page"]).content.decode()


def test_urls_in_another_order_go_to_the_right_files(as_ana, upload, segmind, work):
    segmind.answers(replies.stored_out_of_order)
    # The middle one stays where it is; two have one length and differ in the middle and at the end.
    files = [a_file_of(size) for size in [9000, 9000, 3000, 20_000, 20_000]]
    # And these two differ in their middle only, where no sample is taken.
    middle = a_file_of(30_000)
    files += [middle, middle[:15_000] + b"#" + middle[15_001:]]
    upload(as_ana, *[(f"{number}.pdf", content) for number, content in enumerate(files)])
    work()
    assert every_url_is_that_of_its_file(segmind)
    assert statuses() == {LinkStatus.VERIFIED}
    assert "matched by content" in UploadRequest.objects.get().message


def test_files_of_one_length_are_told_apart_whatever_happens_to_an_original(as_ana, upload, segmind, work):
    def damages_one_and_reorders(handler, received) -> None:
        damage(StoredFile.objects.oldest_first()[0])
        connection.close()
        replies.stored_out_of_order(handler, received)

    segmind.answers(damages_one_and_reorders)
    middle = a_file_of(30_000)
    upload(as_ana, ("a.pdf", middle), ("b.pdf", middle[:15_000] + b"#" + middle[15_001:]))
    work()
    assert every_url_is_that_of_its_file(segmind)
    assert statuses() == {LinkStatus.VERIFIED}


def test_files_that_begin_alike_are_told_apart_if_a_host_does_not_support_ranges(as_ana, upload, segmind, work):
    segmind.ranges = False
    segmind.answers(replies.stored_out_of_order)
    content = a_file_of(30_000)
    upload(as_ana, ("a.pdf", content), ("b.pdf", content[:-1] + b"#"))
    work()
    assert every_url_is_that_of_its_file(segmind)
    assert statuses() == {LinkStatus.VERIFIED}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda stored: stored.clear(), LinkStatus.BROKEN),
        (lambda stored: stored.update({path: (kind, body + b"x") for path, (kind, body) in stored.items()}), "changed"),
        (
            lambda stored: stored.update({path: (kind, b"%" * len(body)) for path, (kind, body) in stored.items()}),
            "changed",
        ),
        (lambda stored: stored.update({path: ("text/html", body) for path, (_, body) in stored.items()}), "changed"),
    ],
)
def test_each_wrong_content_has_its_link_status(as_ana, upload, segmind, work, change, status):
    def stores_something_else(handler, received):
        replies.stored(handler, received)
        change(segmind.stored)

    segmind.answers(stores_something_else)
    upload(as_ana, ("a.pdf", a_file_of(10_000)), ("b.pdf", a_file_of(10_000)))
    work()
    assert statuses() == {status}
    assert len(segmind.received) == 1
    assert len(set(StoredFile.objects.values_list("url", flat=True))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [0, 1, 2])
@pytest.mark.parametrize("for_ever", [False, True])
def test_no_url_is_lost_if_one_of_a_reordered_response_is_not_available_yet(
    as_ana, upload, segmind, work, hidden, for_ever
):
    missing = {}

    def rotated(handler, received):
        urls = [handler.store(media_type, content) for media_type, content in received.files]
        path = urls[hidden].removeprefix(segmind.address)
        missing[path] = segmind.stored.pop(path)
        handler.answer(200, {"urls": urls[1:] + urls[:1]})

    segmind.answers(rotated)
    upload(as_ana, *[(f"{size}.pdf", a_file_of(size)) for size in (1000, 2000, 3000)])
    work()
    urls = set(StoredFile.objects.values_list("url", flat=True))
    assert len(urls) == 3
    for round in range(5):
        if round == 1 and not for_ever:
            segmind.stored |= missing
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
        work()
    assert set(StoredFile.objects.values_list("url", flat=True)) == urls
    if not for_ever:
        assert every_url_is_that_of_its_file(segmind)
        assert statuses() == {LinkStatus.VERIFIED}
    else:
        assert sorted(StoredFile.objects.values_list("link_status", flat=True)).count("verified") == 2


def test_only_the_beginning_is_compared_if_a_host_does_not_support_ranges(as_ana, upload, segmind, work):
    segmind.ranges = False
    upload(as_ana, ("a.pdf", a_file_of(300_000)))
    work()
    assert statuses() == {LinkStatus.VERIFIED}


def test_verification_is_repeated_while_the_host_is_unavailable(as_ana, upload, segmind, work):
    segmind.host_status = 503
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert statuses() == {LinkStatus.UNREACHABLE}
    segmind.host_status = 200
    again = DBTaskResult.objects.get(task_path="assets.delivery.verify.verify", status="READY")
    assert again.run_after > timezone.now()
    DBTaskResult.objects.filter(pk=again.pk).update(run_after=timezone.now())
    work()
    assert statuses() == {LinkStatus.VERIFIED}
