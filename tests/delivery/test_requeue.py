"""Lost links are uploaded again: once each, in place, and nothing is forgotten."""

import json
import threading
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from assets.delivery import requeue
from assets.delivery.requeue import reupload
from assets.links import schedule
from assets.models import Asset, LinkStatus, Outcome, PastUrl, State, StoredFile, UploadRequest
from assets.segmind.client import key_fingerprint
from tests.conftest import client_of
from tests.management.test_commands import run
from tests.support import replies
from tests.support.factories import a_file_of, a_link, a_request, an_administrator, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.LINK_RETRY_SECONDS = 0
    settings.LINK_TIMEOUT = 1


@pytest.fixture
def lost(segmind) -> StoredFile:
    """A file whose link has died, and was found broken."""
    file = a_link(segmind)
    segmind.kill(file.url)
    list(schedule.check_all(StoredFile.objects.all()))
    file.refresh_from_db()
    assert file.link_status == LinkStatus.BROKEN
    return file


def heal(file: StoredFile) -> int:
    return reupload(StoredFile.objects.filter(pk=file.pk))


def post_action(client, name: str, *files: StoredFile, **more: str):
    chosen = {"action": name, "_selected_action": [str(file.pk) for file in files], **more}
    return client.post("/admin/assets/storedfile/", chosen, follow=True).content.decode()


# --- The whole of it ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.any_database
def test_fifty_broken_links_of_a_thousand_are_found_by_one_command_and_re_uploaded_by_one_action(
    segmind, work, settings, capsys
):
    files = [a_link(segmind, size=200) for _ in range(1000)]
    dead = files[::40][:25] + files[-25:]
    for file in dead:
        segmind.kill(file.url)
    status, said = run(capsys, "check_links", "--all", "--json")
    report = json.loads(said)
    assert status == 1
    assert (report["links"], report["verified"], report["broken"], report["not_checked"]) == (1000, 950, 50, 0)
    assert {problem["url"] for problem in report["problems"]} == {file.url for file in dead}

    as_root = client_of(an_administrator())
    page = post_action(as_root, "reupload", *files[:100], select_across="1", index="0")
    assert "Re-upload 50 files from the original" in page
    page = post_action(as_root, "reupload", *files[:100], select_across="1", index="0", confirmed="")
    assert "Re-uploading 50 files." in page
    work()

    sent = Counter(content for received in segmind.received for content in received.hashes)
    assert sent == Counter(file.sha256 for file in dead)
    assert run(capsys, "check_links", "--all")[0] == 0
    assert StoredFile.objects.filter(link_status=LinkStatus.VERIFIED, state=State.STORED).count() == 1000
    assert set(PastUrl.objects.values_list("url", flat=True)) == {file.url for file in dead}


# --- In place -------------------------------------------------------------------------------------


def test_a_re_uploaded_file_keeps_its_id_and_its_url_until_it_has_a_new_one(segmind, lost, work, as_ana, ana):
    entry = an_asset(owner=ana, stored_file=lost)
    assert heal(lost) == 1
    now = StoredFile.objects.get()
    assert (now.pk, now.state, now.url) == (lost.pk, State.QUEUED, lost.url)
    as_json = {"accept": "application/json"}
    assert as_ana.get(entry.get_absolute_url(), headers=as_json).json()["url"] == lost.url
    page = as_ana.get(entry.get_absolute_url()).content.decode()
    assert lost.url in page
    assert "Re-uploading" in page
    work()
    now = StoredFile.objects.get()
    assert (now.pk, now.state, now.link_status) == (lost.pk, State.STORED, LinkStatus.VERIFIED)
    assert now.url != lost.url
    assert now.stored_at > lost.stored_at
    assert as_ana.get(entry.get_absolute_url(), headers=as_json).json()["url"] == now.url
    assert f"<del>{lost.url}</del>" in as_ana.get(entry.get_absolute_url()).content.decode()
    past = now.past_urls.get()
    assert (past.url, past.stored_at, past.replaced_at, past.why) == (lost.url, lost.stored_at, now.stored_at, "broken")
    assert Asset.objects.get().pk == entry.pk


def test_a_changed_link_can_be_re_uploaded(segmind, work):
    file = a_link(segmind)
    segmind.change(file.url, b"<h1>Parked</h1>")
    list(schedule.check_all(StoredFile.objects.all()))
    assert heal(file) == 1
    work()
    assert StoredFile.objects.get().link_status == LinkStatus.VERIFIED
    assert PastUrl.objects.get().why == LinkStatus.CHANGED


def test_the_same_url_again_adds_no_past_url(segmind, lost, work):
    segmind.answers(replies.urls(lost.url))
    heal(lost)
    work()
    assert StoredFile.objects.get().url == lost.url
    assert not PastUrl.objects.exists()


def test_re_uploading_twice_sends_once(segmind, lost, work):
    assert [heal(lost), heal(lost)] == [1, 0]
    work()
    assert heal(lost) == 0
    work()
    assert len(segmind.received) == 1


def test_two_people_who_re_upload_at_once_send_once(segmind, work):
    files = [a_link(segmind, size=200, link_status=LinkStatus.BROKEN) for _ in range(20)]
    counts, start = [], threading.Barrier(2)

    def person():
        start.wait()
        counts.append(reupload(StoredFile.objects.all()))
        connection.close()

    people = [threading.Thread(target=person) for _ in range(2)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    assert sum(counts) == 20
    work()
    assert Counter(content for received in segmind.received for content in received.hashes) == Counter(
        file.sha256 for file in files
    )


def test_links_that_are_not_broken_or_changed_are_not_re_uploaded(segmind, work):
    for status in ("verified", "unreachable", "unchecked"):
        a_link(segmind, link_status=status)
    assert reupload(StoredFile.objects.all()) == 0
    work()
    assert segmind.received == []


# --- When it does not work ------------------------------------------------------------------------


def test_a_refused_file_keeps_its_url_and_says_why(segmind, lost, work, ana, as_ana):
    entry = an_asset(owner=ana, stored_file=lost)
    segmind.answers(replies.error(400, "Invalid image"))
    heal(lost)
    work()
    now = StoredFile.objects.get()
    assert (now.state, now.url, now.link_status) == (State.STORED, lost.url, LinkStatus.BROKEN)
    assert "Invalid image" in now.error
    assert "Invalid image" in as_ana.get(entry.get_absolute_url()).content.decode()
    assert heal(lost) == 1
    work()
    now = StoredFile.objects.get()
    assert now.link_status == LinkStatus.VERIFIED
    assert now.error == ""


def test_other_files_of_a_refused_request_are_re_uploaded(segmind, work):
    files = [a_link(segmind, size=300, link_status=LinkStatus.BROKEN) for _ in range(9)]
    segmind.always = replies.refuses(segmind.stored[files[4].url.removeprefix(segmind.address)][1])
    reupload(StoredFile.objects.all())
    work()
    refused = StoredFile.objects.get(link_status=LinkStatus.BROKEN)
    assert refused.pk == files[4].pk
    assert refused.url == files[4].url
    assert StoredFile.objects.filter(link_status=LinkStatus.VERIFIED).count() == 8


def test_a_worker_that_dies_while_sending_loses_no_url(segmind, lost, work):
    heal(lost)
    StoredFile.objects.filter(pk=lost.pk).claim(a_request(worker="dead"))
    assert StoredFile.objects.get().url == lost.url
    work()
    now = StoredFile.objects.get()
    assert now.link_status == LinkStatus.VERIFIED
    assert PastUrl.objects.get().url == lost.url


def test_a_file_keeps_its_url_while_the_account_is_refused(segmind, lost, work, settings):
    settings.SEGMIND_ACCOUNT_RECHECK_SECONDS = 600
    segmind.answers(replies.error(401, "Unauthorized"))
    heal(lost)
    work()
    assert (StoredFile.objects.get().state, StoredFile.objects.get().url) == (State.QUEUED, lost.url)


def test_a_file_without_an_original_is_re_uploaded_when_anyone_uploads_it_again(
    segmind, work, upload, as_ana, as_ben, ana, settings
):
    settings.KEEP_ORIGINALS = False
    content = a_file_of(3000)
    entry = upload(as_ana, ("a.pdf", content))["results"][0]["asset"]
    work()
    file = StoredFile.objects.get()
    assert not file.original
    StoredFile.objects.update(link_status=LinkStatus.BROKEN)
    page = as_ana.get(entry["page"]).content.decode()
    assert "Upload the file again to get a new URL" in page
    assert "/heal/" not in page
    answer = as_ana.post(f"{entry['page']}heal/", follow=True)
    assert "no original" in answer.content.decode()
    work()
    assert len(segmind.received) == 1
    upload(as_ben, ("b.pdf", content))
    work()
    now = StoredFile.objects.get()
    assert len(segmind.received) == 2
    assert now.url != file.url
    assert now.link_status == LinkStatus.VERIFIED
    assert now.past_urls.get().url == file.url


def test_uploading_the_same_file_replaces_a_damaged_original(segmind, work, upload, as_ana):
    content = a_file_of(3000)
    upload(as_ana, ("a.pdf", content))
    work()
    file = StoredFile.objects.get()
    file.original.storage.delete(file.original.name)
    StoredFile.objects.update(link_status=LinkStatus.BROKEN)
    heal(file)
    work()
    file.refresh_from_db()
    assert file.state == State.STORED
    assert "Upload the file again" in file.error
    upload(as_ana, ("a.pdf", content))
    work()
    file.refresh_from_db()
    assert file.link_status == LinkStatus.VERIFIED
    assert file.error == ""


# --- Who asks for it ------------------------------------------------------------------------------


def test_only_the_owner_can_re_upload_an_asset(segmind, lost, work, ana, as_ana, as_ben):
    entry = an_asset(owner=ana, stored_file=lost)
    address = f"{entry.get_absolute_url()}heal/"
    assert as_ben.post(address).status_code == 404
    assert f'action="{address}"' in as_ana.get(entry.get_absolute_url()).content.decode()
    assert "Re-upload started" in as_ana.post(address, follow=True).content.decode()
    assert "already being re-uploaded" in as_ana.post(address, follow=True).content.decode()
    work()
    assert len(segmind.received) == 1


def test_the_re_upload_action_shows_a_preview_first(segmind, lost, work):
    as_root = client_of(an_administrator())
    hopeless = a_link(segmind, link_status=LinkStatus.CHANGED)
    StoredFile.objects.filter(pk=hopeless.pk).update(original="")
    page = post_action(as_root, "reupload", lost, hopeless)
    assert "Re-upload 1 file from the original" in page
    assert "1 file without an original." in page
    assert StoredFile.objects.filter(state=State.QUEUED).count() == 0
    page = post_action(as_root, "reupload", lost, hopeless, confirmed="")
    assert "Re-uploading 1 file." in page
    assert "1 file without an original." in page
    assert "1 file is already being re-uploaded." in post_action(as_root, "reupload", lost)
    work()
    assert lost.url in as_root.get(f"/admin/assets/storedfile/{lost.pk}/change/").content.decode()


def test_links_can_be_checked_by_an_action(segmind, work):
    as_root = client_of(an_administrator())
    file = a_link(segmind)
    assert "Check 1 link before all others." in post_action(as_root, "check_links", file)
    work()
    assert segmind.asked == []
    assert StoredFile.objects.get().link_check_at > timezone.now()
    assert "Checking 1 link now." in post_action(as_root, "check_links", file, confirmed="")
    work()
    assert len(segmind.asked) == 3


# --- The command ----------------------------------------------------------------------------------


def test_the_command_checks_and_re_uploads(segmind, work, capsys):
    good, dead, hopeless = (a_link(segmind) for _ in range(3))
    StoredFile.objects.filter(pk=hopeless.pk).update(original="")
    for file in (dead, hopeless):
        segmind.kill(file.url)
    assert run(capsys, "check_links") == (0, "0 links\n")
    status, said = run(capsys, "check_links", "--all")
    assert status == 1
    assert "3 links: 1 verified, 2 broken" in said
    assert f"broken: {dead.url}: Use --reupload to re-upload it." in said
    assert f"broken: {hopeless.url}: {requeue.NO_ORIGINAL}" in said
    status, said = run(capsys, "check_links", "--broken", "--reupload")
    assert status == 1
    assert "2 links: 2 broken" in said
    assert "1 file is being re-uploaded." in said
    work()
    StoredFile.objects.filter(pk=hopeless.pk).delete()
    assert run(capsys, "check_links", "--all") == (0, "2 links: 2 verified\n")
    assert StoredFile.objects.get(pk=good.pk).url == good.url


def test_the_command_counts_links_that_it_could_not_check(segmind, capsys):
    for _ in range(10):
        a_link(segmind)
    segmind.host_status = 503
    status, said = run(capsys, "check_links", "--all")
    assert status == 1
    assert "links not checked: the host is unavailable or busy." in said
    assert "broken" not in said


# --- Keys -----------------------------------------------------------------------------------------


def test_administrators_see_which_key_stored_a_file(segmind, lost, work):
    old = a_request(outcome=Outcome.STORED, key_fingerprint="aaaaaaaaaaaa")
    old.files.add(lost)
    as_root = client_of(an_administrator())
    address = f"/admin/assets/storedfile/{lost.pk}/change/"
    assert "?key=aaaaaaaaaaaa" in as_root.get(address).content.decode()
    heal(lost)
    work()
    assert f"?key={key_fingerprint()}" in as_root.get(address).content.decode()
    ledger = as_root.get("/admin/assets/uploadrequest/", {"key": "aaaaaaaaaaaa"}).content.decode()
    assert "1 upload request" in ledger
    assert f"{key_fingerprint()} (in use)" in ledger
    assert UploadRequest.objects.count() == 2
