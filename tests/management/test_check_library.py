"""The command check_library: what it finds, what it repairs, and what it leaves alone."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets import originals
from assets.models import Asset, Collection, DeliveryRun, LinkStatus, Outcome, State, StoredFile, Tag
from assets.uploads.hashed_file import HashedFile
from tests.management.storage import (
    forget,
    make_old,
    old,
    quarantined,
)
from tests.management.test_commands import run
from tests.support.factories import a_link, a_picture, a_request, a_stored_file, an_asset, damage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("_empty_storage", "_quick_link_checks")
class TestCheckLibrary:
    def test_a_library_without_problems_is_reported_as_such(self, as_ana, upload, segmind, work, capsys):
        upload(as_ana, ("a.png", a_picture()))
        work()
        assert run(capsys, "check_library", "--links") == (
            0,
            "No problems found. Checked 1 asset, 1 original, 1 preview, 1 link.\n",
        )

    def test_what_crashes_leave_behind_is_found_and_repaired(self, ana, segmind, work, capsys):
        left = Path(django_settings.FILE_UPLOAD_TEMP_DIR) / "x.upload"
        left.write_bytes(b"half an upload")
        old(left)
        make_old(default_storage.save("originals/aa/without-a-row", ContentFile(b"x")))
        make_old(default_storage.save("previews/aa/without-a-row", ContentFile(b"x")))
        stored, waiting, shown = a_link(segmind), a_stored_file(state=State.QUEUED), a_stored_file()
        segmind.kill(stored.url)
        for file in (stored, waiting):
            default_storage.delete(file.original.name)
        StoredFile.objects.filter(pk=shown.pk).update(preview="previews/gone.webp")
        an_asset(owner=ana, stored_file=a_stored_file(state=State.SENDING))
        an_asset(owner=ana, stored_file=waiting)
        unused = a_stored_file(state=State.FAILED).original.name
        going_on = HashedFile("going on")
        old(Path(going_on.temporary_file_path()).parent)

        status, output = run(capsys, "check_library", "--json")
        found = [problem["what"] for problem in json.loads(output)["problems"]]
        assert status == 1
        assert sorted(found) == sorted(
            [
                "incomplete upload", "original without a row", "preview without a row",
                "missing or damaged original", "missing or damaged original",
                "missing preview", "file without an asset",
                "request of a dead worker", "upload queue without a planned run",
            ]
        )  # fmt: skip
        assert run(capsys, "check_library", "--repair")[0] == 0
        work()
        status, output = run(capsys, "check_library", "--json")
        assert (status, json.loads(output)["problems"], json.loads(output)["left"]) == (0, [], 0)
        assert Path(going_on.temporary_file_path()).exists()
        assert not left.exists()
        assert quarantined() == sorted(["originals/aa/without-a-row", "previews/aa/without-a-row", unused])
        going_on.close()
        stored.refresh_from_db()
        waiting.refresh_from_db()
        assert (stored.state, waiting.state) == (State.STORED, State.FAILED)
        assert "Upload the file again" in waiting.error
        assert StoredFile.objects.filter(state=State.STORED).count() == 3

    def test_broken_and_changed_links_are_found_and_reuploaded(self, as_ana, upload, segmind, work, capsys):
        upload(as_ana, ("a.png", a_picture()), ("b.png", a_picture()))
        work()
        gone, changed = StoredFile.objects.all()
        segmind.stored = {
            path: (media_type, b"other" if path in changed.url else content)
            for path, (media_type, content) in segmind.stored.items()
            if path not in gone.url
        }
        StoredFile.objects.filter(pk=changed.pk).update(original="")
        status, output = run(capsys, "check_library", "--links", "--repair", "--json")
        report = json.loads(output)
        assert (status, report["left"], report["checked"]["links"]) == (1, 1, 2)
        assert {problem["what"]: problem["where"] for problem in report["problems"]} == {
            "broken link": f"{gone.pk} ({gone.url})",
            "changed link": f"{changed.pk} ({changed.url})",
        }
        work()
        assert list(StoredFile.objects.exclude(url=gone.url).filter(pk=gone.pk, link_status="verified"))

    def test_links_of_an_unavailable_host_are_left(self, as_ana, upload, segmind, work, capsys):
        upload(as_ana, *[(f"{number}.png", a_picture()) for number in range(4)])
        work()
        segmind.host_status = 503
        status, output = run(capsys, "check_library", "--links")
        assert status == 1
        assert "unchecked links, because their host is unavailable or busy: 4 links" in output

    def test_labels_that_code_before_the_last_upgrade_has_added_are_compared_anew(self, ana, capsys):
        asset, other = an_asset(owner=ana, tags=("ポスト",)), an_asset(owner=ana)
        other.tags.add(Tag.objects.create(name="x"))
        asset.set_labels(collections=["がき/2024"])
        other.collections.add(Collection.objects.create(name="y"))
        Tag.objects.filter(name="x").update(name="ポスト", key="ホスト")
        Collection.objects.filter(name="y").update(name="2024", path="がき/2024", key="かき/2024")
        assert run(capsys, "check_library", "--repair")[0] == 0
        assert [tag.assets.count() for tag in Tag.objects.all()] == [2]
        assert [collection.assets.count() for collection in Collection.objects.filter(name="2024")] == [2]
        assert run(capsys, "check_library")[0] == 0

    def test_outdated_search_words_and_sizes_are_repaired(self, ana, capsys):
        asset = an_asset(owner=ana, title="Bird")
        Asset.objects.update(search_text="fish", size=1)
        output = run(capsys, "check_library", "--repair")[1]
        assert f"Repaired asset with outdated search words: {asset.pk}" in output
        assert "Repaired asset with a different size than its file" in output
        assert Asset.objects.get().search_text.startswith("bird")
        assert Asset.objects.get().size == asset.size
        assert run(capsys, "check_library")[0] == 0

    def test_a_queue_whose_task_was_lost_goes_on_with_the_next_worker(self, as_ana, upload, segmind, capsys):
        upload(as_ana, ("a.png", a_picture()))
        DBTaskResult.objects.all().delete()
        DeliveryRun.objects.update(at=timezone.now() - timedelta(hours=1))
        assert "upload queue without a planned run" in run(capsys, "check_library")[1]
        a_request(outcome=Outcome.STORED)
        run(capsys, "check_library", "--repair")
        call_command("worker", "--batch")
        assert StoredFile.objects.get().state == State.STORED

    def test_an_upload_whose_original_was_copied_from_a_backup_is_sent(self, as_ana, upload, segmind, work, capsys):
        content = a_picture()
        upload(as_ana, ("a.png", content))
        damage(StoredFile.objects.get())
        work()
        assert run(capsys, "check_library")[0] == 0
        Path(StoredFile.objects.get().original.path).write_bytes(content)
        assert "whose original is intact again" in run(capsys, "check_library")[1]
        assert run(capsys, "check_library", "--repair")[0] == 0
        work()
        assert StoredFile.objects.get().link_status == LinkStatus.VERIFIED

    def test_nothing_is_moved_if_the_database_looks_like_an_older_copy(self, as_ana, upload, segmind, work, capsys):
        upload(as_ana, *[(f"{number}.png", a_picture()) for number in range(12)])
        work()
        for file in StoredFile.objects.all():
            make_old(file.original.name)
            make_old(file.preview.name)
        contents = set(segmind.contents)
        rows = StoredFile.objects.order_by("pk")
        forget(rows[:2])
        with pytest.raises(CommandError, match=r"2 of 12 originals have no row.*an older copy"):
            call_command("check_library", "--repair")
        forget(rows)
        with pytest.raises(CommandError, match="12 of 12 originals"):
            call_command("check_library", "--repair")
        assert quarantined() == []
        assert run(capsys, "check_library", "--repair", "--force")[0] == 0
        assert len(quarantined()) == 24

        status, output = run(
            capsys, "import_files", str(Path(django_settings.MEDIA_ROOT, "quarantine")), "--owner", "ana"
        )
        assert (status, output.splitlines()[-1]) == (0, "24 files: 12 received, 12 skipped")
        assert set(StoredFile.objects.values_list("sha256", flat=True)) == contents
        assert all(originals.is_intact(file) for file in StoredFile.objects.all())
        asset = Asset.objects.first()
        assert asset.file_name == f"recovered {asset.stored_file.sha256[:8]}.png"
        assert asset.title == f"recovered {asset.stored_file.sha256[:8]}"

    def test_a_single_stray_file_is_moved_however_few_there_are(self, ana, capsys):
        make_old(default_storage.save("originals/aa/without-a-row", ContentFile(b"x")))
        assert run(capsys, "check_library", "--repair")[0] == 0
        assert quarantined() == ["originals/aa/without-a-row"]

    def test_a_stray_file_whose_name_is_no_utf8_is_named_and_moved(self, ana, capsys):
        name = default_storage.save("originals/aa/stray", ContentFile(b"x"))
        odd = Path(os.fsdecode(os.fsencode(default_storage.path(name)) + b"\xe9"))
        Path(default_storage.path(name)).rename(odd)
        make_old("originals/aa/stray\udce9")
        status, output = run(capsys, "check_library", "--repair")
        assert status == 0
        assert "Repaired original without a row: originals/aa/stray\\xe9" in output
        assert not odd.exists()
        shutil.rmtree(Path(django_settings.MEDIA_ROOT, "quarantine"))

    def test_what_cannot_be_moved_is_left_and_the_rest_is_repaired(self, ana, capsys):
        make_old(default_storage.save("originals/aa/without-a-row", ContentFile(b"x")))
        asset = an_asset(owner=ana)
        Asset.objects.update(size=1)
        folder = Path(django_settings.MEDIA_ROOT, "quarantine")
        shutil.rmtree(folder, ignore_errors=True)
        folder.write_text("in the way")
        status, output = run(capsys, "check_library", "--repair")
        folder.unlink()
        assert (status, default_storage.exists("originals/aa/without-a-row")) == (1, True)
        assert "Found original without a row: originals/aa/without-a-row: [Errno" in output
        assert Asset.objects.get().size == asset.size

    def test_an_original_that_was_away_for_a_while_is_given_back_to_its_row(
        self, as_ana, upload, segmind, work, tmp_path, capsys
    ):
        """As with a disk that was not mounted."""
        upload(as_ana, ("a.png", a_picture()))
        file = StoredFile.objects.get()
        path = Path(file.original.path)
        away = path.rename(tmp_path / "away")
        assert run(capsys, "check_library", "--repair")[0] == 0
        assert StoredFile.objects.get().state == State.FAILED
        away.rename(path)
        make_old(file.original.name)
        status, output = run(capsys, "check_library", "--repair")
        assert (status, quarantined()) == (0, [])
        assert "original that its row has lost" in output
        work()
        assert StoredFile.objects.get().link_status == LinkStatus.VERIFIED
