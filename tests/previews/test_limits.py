"""Hostile files: what they may cost, and what a decoder can reach."""

import contextlib
import os
import signal
import threading
from pathlib import Path

import pytest
from PIL import Image

from assets.models import Asset
from assets.previews import limited_process
from tests.previews.checks import refused
from tests.support.factories import a_picture
from tests.support.media import an_endless_pdf, encoded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


def test_a_decompression_bomb_costs_one_preview(as_ana, upload, segmind, work):
    bomb = encoded(Image.new("1", (12_000, 9_000)))
    results = upload(as_ana, ("bomb.png", bomb), ("b.png", a_picture()))["results"]
    work()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "more than 100 megapixels" in file.preview_error
    assert file.url
    assert neighbour.preview


def test_an_image_over_the_memory_limit_says_so(settings):
    settings.PREVIEW_MEMORY_BYTES = 120_000_000
    assert "more than the 120 MB memory limit" in refused(encoded(Image.new("RGB", (7000, 7000))), "image/png")


def test_a_decoder_that_waits_instead_of_working_is_killed():
    reader, writer = os.pipe()  # from which nothing ever comes
    with os.fdopen(reader, "rb") as endless, os.fdopen(writer, "wb"):
        answer = limited_process.run("preview", endless, "image/png", patience=1)
    assert answer.signal == signal.SIGALRM
    with pytest.raises(ChildProcessError):  # not even a zombie
        os.waitpid(-1, os.WNOHANG)


class Watcher(threading.Thread):
    """Watches the preview processes that this one starts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.environments: list[bytes] = []
        self.files: set[str] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.02):
            for task in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):  # the thread has ended
                    for pid in (task / "children").read_text().split():
                        self._inspect(Path("/proc") / pid)

    def _inspect(self, process: Path) -> None:
        with contextlib.suppress(OSError):  # the process has ended
            if b"previews.makers" in (process / "cmdline").read_bytes():
                self.environments.append((process / "environ").read_bytes())
                self.files |= {str(file.readlink()) for file in (process / "fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")
def test_a_hanging_decoder_is_killed_sees_no_secrets_and_does_not_stop_the_next_file(
    as_ana, upload, segmind, work, settings
):
    settings.PREVIEW_CPU_SECONDS = 1
    results = upload(as_ana, ("endless.pdf", an_endless_pdf()), ("b.png", a_picture()))["results"]
    watcher = Watcher()
    watcher.start()
    work()
    watcher.stopping.set()
    watcher.join()
    file, neighbour = (Asset.objects.get(pk=result["asset"]["id"]).stored_file for result in results)
    assert "longer than the 1 s limit" in file.preview_error
    assert neighbour.preview
    assert file.preview_error in as_ana.get(f"/assets/{results[0]['asset']['id']}/").content.decode()
    assert set(watcher.environments) == {b""}
    assert not [name for name in watcher.files if name.startswith("socket:") or "sqlite" in name]
