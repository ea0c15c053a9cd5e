"""What check_library does about originals that are damaged or missing."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from assets import maintenance, originals, quarantine
from assets.models import State, StoredFile
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import receive_upload
from tests.management.storage import lose, old, quarantined, tomorrow
from tests.management.test_commands import run
from tests.support.factories import a_picture, damage

pytestmark = pytest.mark.django_db(transaction=True)


def _upload_again(upload, client, content: bytes) -> None:
    """In the thread of the server, and so with a connection of its own."""
    try:
        upload(client, ("again.png", content))
    finally:
        connection.close()


@pytest.mark.usefixtures("_empty_storage", "_quick_link_checks")
class TestRepairedOriginals:
    def test_damaged_originals_are_found_by_their_hashes_and_restored_from_their_urls(
        self, as_ana, upload, segmind, work, capsys
    ):
        upload(as_ana, *[(f"{number}.png", a_picture()) for number in range(4)])
        work()
        _, served, changed, unsent = StoredFile.objects.all()
        StoredFile.objects.filter(pk=unsent.pk).update(state=State.QUEUED, url="", next_attempt_at=tomorrow())
        segmind.change(changed.url, b"x" * changed.size)
        for file in (served, changed, unsent):
            damage(file)
        assert run(capsys, "check_library")[0] == 0
        status, output = run(capsys, "check_library", "--hashes")
        assert (status, output.count("missing or damaged original")) == (1, 3)
        status, output = run(capsys, "check_library", "--hashes", "--repair")
        assert status == 0
        assert f"{served.pk} ({served.original.name}): restored from its URL" in output
        assert f"{changed.pk} ({changed.original.name}): moved to quarantine/" in output
        assert quarantined() == sorted([changed.original.name, unsent.original.name])
        assert run(capsys, "check_library", "--hashes")[0] == 0
        assert originals.is_intact(StoredFile.objects.get(pk=served.pk))
        unsent.refresh_from_db()
        assert unsent.error == "The copy on this server is damaged. Upload the file again."

    def test_an_original_is_not_given_up_because_its_host_is_not_listed(
        self, as_ana, upload, segmind, work, capsys, settings
    ):
        upload(as_ana, ("a.png", a_picture()))
        work()
        file = StoredFile.objects.get()
        damage(file)
        listed, settings.SEGMIND_ASSET_HOSTS = settings.SEGMIND_ASSET_HOSTS, [".elsewhere.example"]
        status, output = run(capsys, "check_library", "--hashes", "--repair")
        assert (status, "not in SEGMIND_ASSET_HOSTS" in output) == (1, True)
        settings.SEGMIND_ASSET_HOSTS = listed
        assert run(capsys, "check_library", "--hashes", "--repair")[0] == 0
        assert originals.is_intact(StoredFile.objects.get())

    @pytest.mark.parametrize("trouble", [damage, lose])
    def test_an_original_is_not_given_up_while_its_url_cannot_be_reached(
        self, trouble, as_ana, upload, segmind, work, capsys
    ):
        upload(as_ana, ("a.png", a_picture()))
        work()
        file = StoredFile.objects.get()
        trouble(file)
        segmind.host_status = 503
        status, output = run(capsys, "check_library", "--hashes", "--repair")
        assert status == 1
        assert "its URL cannot be reached now. Try again later." in output
        segmind.host_status = 200
        assert run(capsys, "check_library", "--hashes", "--repair")[0] == 0
        assert originals.is_intact(file)

    def test_a_damaged_original_is_left_while_there_is_no_room_for_the_right_one(
        self, as_ana, upload, segmind, work, settings, capsys
    ):
        upload(as_ana, ("a.png", a_picture()))
        work()
        file = StoredFile.objects.get()
        damage(file)
        settings.DISK_RESERVE_BYTES = 10**18
        status, output = run(capsys, "check_library", "--hashes", "--repair")
        assert (status, quarantined()) == (1, [])
        assert "could not be saved. Is the disk full?" in output
        settings.DISK_RESERVE_BYTES = 0
        assert run(capsys, "check_library", "--hashes", "--repair")[0] == 0
        assert originals.is_intact(file)

    def test_a_file_that_is_uploaded_again_during_its_repair_keeps_its_new_original(
        self, as_ana, upload, segmind, work, capsys
    ):
        content = a_picture()
        upload(as_ana, ("a.png", content))
        work()
        file = StoredFile.objects.get()
        segmind.kill(file.url)
        damage(file)
        segmind.on_serve = lambda handler: _upload_again(upload, as_ana, content)
        assert run(capsys, "check_library", "--hashes", "--repair")[0] == 0
        assert quarantined() == []
        assert originals.is_intact(StoredFile.objects.get())

    def test_an_original_that_arrived_a_while_before_the_end_of_its_form_is_new(self, ana):
        """A repair at this moment does not know its row, which is not committed."""
        with HashedFile.from_stream(BytesIO(a_picture()), "a.png") as file:
            old(file.temporary_file_path())
            receive_upload(file, owner=ana)
        (original,) = quarantine.list_names("originals")
        assert default_storage.get_modified_time(original) > timezone.now() - maintenance.MIN_AGE
