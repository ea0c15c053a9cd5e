"""What previews cost: files a second, CPU time and memory, as the worker makes them, one after the other. Linux only.

    python -m benchmarks.previews

Each case runs in a process of its own, on an empty library; the memory is the peak of any process that made one of its
previews, all of it, with the interpreter and the libraries.
"""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from fractions import Fraction
from pathlib import Path

import av
import pillow_heif
from PIL import Image

from benchmarks.worker import installation, peak

pillow_heif.register_heif_opener()


def a_photo(format: str, size: tuple[int, int], **options: int) -> bytes:
    """As hard to read as a photo: large shapes with noise on them."""
    shapes = Image.effect_noise((24, 18), 120).resize(size, Image.Resampling.BICUBIC)
    channels = [shapes, shapes.transpose(Image.Transpose.ROTATE_180), Image.effect_noise(size, 20)]
    target = io.BytesIO()
    Image.merge("YCbCr", [Image.blend(shapes, channels[2], 0.3), *channels[:2]]).convert("RGB").save(
        target, format, **options
    )
    return target.getvalue()


def a_video(megabytes: int) -> bytes:
    """1920 by 1080, H.264 at 60 Mbit/s or so: two seconds, again and again."""
    target, written, number = io.BytesIO(), 0, 0
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast", "qp": "14"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 1920, 1080, "yuv420p", 25
        frame = av.VideoFrame.from_image(Image.open(io.BytesIO(a_photo("JPEG", (1920, 1080)))))
        packets = []
        for moment in range(50):
            frame.pts, frame.time_base = moment, Fraction(1, 25)
            packets += stream.encode(frame)
        packets = [(bytes(packet), packet.is_keyframe) for packet in [*packets, *stream.encode()]]
        while written < megabytes * 1_000_000:
            for data, is_key in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), is_key
                packet.pts = packet.dts = number
                output.mux(packet)
                number += 1
                written += len(data)
    return target.getvalue()


def a_sound(minutes: int) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as output:
        output.setparams((2, 2, 44_100, 0, "NONE", ""))
        for _ in range(minutes):
            output.writeframes(os.urandom(4 * 44_100) * 60)
    return target.getvalue()


# What is made a preview of, its media type, how many of them, and how they are made.
CASES: dict[str, tuple[str, int, Callable[[], bytes]]] = {
    "JPEG of 12 megapixels": ("image/jpeg", 20, lambda: a_photo("JPEG", (4000, 3000), quality=88)),
    "PNG of 12 megapixels": ("image/png", 5, lambda: a_photo("PNG", (4000, 3000), compress_level=3)),
    "HEIC of 12 megapixels": ("image/heic", 5, lambda: a_photo("HEIF", (4000, 3000), quality=60)),
    "AVIF of 12 megapixels": ("image/avif", 5, lambda: a_photo("AVIF", (4000, 3000), quality=60, speed=10)),
    "JPEG of 100 megapixels": ("image/jpeg", 5, lambda: a_photo("JPEG", (12_000, 8400), quality=80)),
    "300 JPEGs of 800 × 600": ("image/jpeg", 300, lambda: a_photo("JPEG", (800, 600))),
    "video of 100 MB": ("video/mp4", 5, lambda: a_video(100)),
    "sound of 5 minutes": ("audio/wav", 5, lambda: a_sound(5)),
    "sound of 50 minutes": ("audio/wav", 5, lambda: a_sound(50)),
}  # fmt: skip


def case(name: str) -> dict[str, float]:
    """In a process of its own: seconds and CPU seconds of one preview, and megabytes (2^20) at the peak."""
    from assets.models import StoredFile
    from assets.previews.render import render_preview
    from tests.support.factories import a_stored_file

    media_type, count, made = CASES[name]
    content = made()
    files = [a_stored_file(content=content, media_type=media_type, sha256=f"{n:064x}") for n in range(count)]
    with Watch() as watch:
        before, started = _cpu(), time.perf_counter()
        for file in files:
            assert render_preview(file), StoredFile.objects.get(pk=file.pk).preview_error
        seconds, cpu = time.perf_counter() - started, _cpu() - before
    return {
        "megabytes": len(content) / 1e6,
        "count": count,
        "seconds": seconds / count,
        "cpu": cpu / count,
        "peak": watch.peak,
    }


class Watch(threading.Thread):
    """Looks, every few milliseconds, how much memory the process that makes a preview has had at most.

    What the system reports of an ended process will not do: it counts what its parent had when it started it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._stopping = threading.Event()

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stopping.set()
        self.join()

    def run(self) -> None:
        while not self._stopping.wait(0.004):
            for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                with suppress(OSError, StopIteration):  # it has ended meanwhile
                    if b"previews.makers" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        self.peak = max(self.peak, peak(int(pid)))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured() -> Iterator[tuple[str, dict[str, float]]]:
    for name in CASES:
        command = [sys.executable, "-m", "benchmarks.previews", "--case", name]
        yield name, json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr), installation(Path(folder)):
            result = case(sys.argv[2])
        sys.stdout.write(json.dumps(result))
        return
    sys.stdout.write(
        "| file | MB | previews | a second | CPU s each | memory MB |\n| --- | --- | --- | --- | --- | --- |\n"
    )
    for name, found in measured():
        sys.stdout.write(
            f"| {name} | {found['megabytes']:.1f} | {found['count']} | {1 / found['seconds']:.1f} "
            f"| {found['cpu']:.3f} | {1 / found['cpu']:.1f} | {found['peak']:.0f} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
