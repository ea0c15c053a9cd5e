"""Previews of sounds: how loud they are from beginning to end, drawn as bars."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from PIL import Image, ImageDraw

from assets.previews.makers import NoPreviewError, Preview
from assets.previews.makers.pictures import shown
from assets.previews.makers.recordings import decoded, opened

# Seconds of sound that are listened to as a whole. Of a longer one, a glimpse is heard for each bar.
LONGEST = 300
GLIMPSE = 25  # windows

RATE = 8000  # samples a second are enough to see how loud it is
WINDOW = 80  # samples whose peak counts

BARS = 80
SIZE = (640, 240)
STEP = SIZE[0] // BARS
# Between the schemes: on paper as on black it has a contrast of at least 3 to 1.
COLOUR = "#7a71e6"
SHARPER = 4  # times larger it is drawn, for smooth edges


def make(file: BinaryIO, media_type: str) -> Preview:
    with opened(file) as container:
        return of(container)


def of(container: InputContainer) -> Preview:
    if not container.streams.audio:
        raise NoPreviewError("There is neither a picture nor a sound in it.")
    stream = container.streams.audio[0]
    duration = (container.duration or 0) / av.time_base
    if duration > LONGEST:
        levels = list(_glimpses(container, stream, duration))
    else:
        windows = list(_windows(container, stream))
        # More exact than the header, which may be an estimate.
        duration = sum(samples for samples, _ in windows) / RATE
        levels = [
            _mean(windows[len(windows) * bar // BARS : len(windows) * (bar + 1) // BARS + 1]) for bar in range(BARS)
        ]
    if not any(levels) and not duration:
        raise NoPreviewError("Its sound cannot be decoded.")
    return shown(_drawn(levels), duration=duration)


def _windows(container: InputContainer, stream: AudioStream) -> Iterator[tuple[int, int]]:
    """Samples and peak (up to 32768) of each hundredth of a second, from where the container stands."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in decoded(container, stream):
        frame.pts = None  # where it lies does not matter, and may contradict the frame before
        for part in resampler.resample(frame):
            samples = memoryview(part.planes[0])[: part.samples * 2].cast("h")
            for start in range(0, len(samples), WINDOW):
                window = samples[start : start + WINDOW]
                yield len(window), max(max(window), -min(window))


def _glimpses(container: InputContainer, stream: AudioStream, duration: float) -> Iterator[float]:
    for bar in range(BARS):
        container.seek(int((bar + 0.5) / BARS * duration * av.time_base))
        yield _mean(list(islice(_windows(container, stream), GLIMPSE)))


def _mean(windows: list[tuple[int, int]]) -> float:
    return sum(peak for _, peak in windows) / len(windows) if windows else 0


def _drawn(levels: list[float]) -> Image.Image:
    width, height = SIZE[0] * SHARPER, SIZE[1] * SHARPER
    bar = STEP * SHARPER * 5 // 8
    loudest = max(levels) or 1
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    for number, level in enumerate(levels):
        half = max(bar / 2, level / loudest * height * 0.47)
        left = number * STEP * SHARPER + (STEP * SHARPER - bar) / 2
        box = (left, height / 2 - half, left + bar - 1, height / 2 + half - 1)
        draw.rounded_rectangle(box, radius=bar / 2, fill=255)
    picture = Image.new("RGBA", SIZE, COLOUR)
    picture.putalpha(mask.reduce(SHARPER))
    return picture
