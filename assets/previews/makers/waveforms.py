"""Previews of audio: its loudness from start to end, drawn as bars."""

from collections.abc import Iterator
from itertools import groupby, islice, pairwise
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from PIL import Image, ImageDraw

from assets.previews.makers import NoPreviewError, Preview
from assets.previews.makers.images import encode_preview
from assets.previews.makers.recordings import decode_frames, find_readable, measure_duration, open_recording, seek

# Audio up to this many seconds is decoded completely; of longer audio, only a sample for each bar.
MAX_DECODED_SECONDS = 300
SAMPLE_WINDOWS = 25

RATE = 8000  # samples a second; enough to see the loudness
# Of more channels, FFmpeg does not know where each comes from, and cannot make one of them.
MAX_MIXED_CHANNELS = 8
WINDOW = 80  # samples, of which the peak counts

BARS = 80
SIZE = (640, 240)
STEP = SIZE[0] // BARS
# For light and dark alike: its contrast is at least 3 to 1 on white and on black.
COLOUR = "#7a71e6"
OVERSAMPLING = 4  # drawn this many times larger, for smooth edges


def make(file: BinaryIO, media_type: str) -> Preview:
    with open_recording(file) as container:
        return draw(container)


def draw(container: InputContainer) -> Preview:
    if not container.streams.audio:
        raise NoPreviewError("The file has neither video nor audio.")
    stream = find_readable(container.streams.audio)
    _simplify_layout(stream)
    duration = (container.duration and measure_duration(container)) or 0
    if duration > MAX_DECODED_SECONDS:
        levels = list(_sample_levels(container, stream, duration))
    else:
        windows = list(_read_windows(container, stream))
        # The header may only be an estimate.
        duration = sum(samples for samples, _ in windows) / RATE
        bounds = [len(windows) * bar // BARS for bar in range(BARS + 1)]
        levels = [_mean_peak(windows[start : end + 1]) for start, end in pairwise(bounds)]
    if not any(levels) and not duration:
        raise NoPreviewError("The audio cannot be decoded.")
    return encode_preview(_draw_bars(levels), duration=duration)


def _simplify_layout(stream: AudioStream) -> None:
    """Tell the decoder only how many channels there are if their order is unusual: PyAV frees a list of them twice."""
    count, has_list, _ = stream.layout.name.partition(" (")
    if has_list:
        stream.codec_context.layout = count


def _read_windows(container: InputContainer, stream: AudioStream) -> Iterator[tuple[int, int]]:
    """The sample count and peak (up to 32768) of every hundredth of a second from the container's position on."""
    # In recordings that were joined, the setup changes on the way.
    for (_, _, channels, _), frames in groupby(decode_frames(container, stream), key=_get_setup):
        layout = "mono" if channels <= MAX_MIXED_CHANNELS else None
        yield from _resample(frames, av.AudioResampler(format="s16", layout=layout, rate=RATE))


def _get_setup(frame: av.AudioFrame) -> tuple[str, str, int, int]:
    return frame.format.name, frame.layout.name, frame.layout.nb_channels, frame.sample_rate


def _resample(frames: Iterator[av.AudioFrame], resampler: av.AudioResampler) -> Iterator[tuple[int, int]]:
    for frame in frames:
        frame.pts = None  # it does not matter here, and may contradict the frame before
        yield from _measure(resampler.resample(frame))
    # What it held back.
    yield from _measure(resampler.resample(None))


def _measure(frames: list[av.AudioFrame]) -> Iterator[tuple[int, int]]:
    for frame in frames:
        channels = frame.layout.nb_channels
        values = memoryview(frame.planes[0])[: frame.samples * channels * 2].cast("h")
        for start in range(0, len(values), WINDOW * channels):
            window = values[start : start + WINDOW * channels]
            yield len(window) // channels, max(max(window), -min(window))


def _sample_levels(container: InputContainer, stream: AudioStream, duration: float) -> Iterator[float]:
    for bar in range(BARS):
        seek(container, (bar + 0.5) / BARS * duration)
        yield _mean_peak(list(islice(_read_windows(container, stream), SAMPLE_WINDOWS)))


def _mean_peak(windows: list[tuple[int, int]]) -> float:
    return sum(peak for _, peak in windows) / len(windows) if windows else 0


def _draw_bars(levels: list[float]) -> Image.Image:
    width, height = SIZE[0] * OVERSAMPLING, SIZE[1] * OVERSAMPLING
    bar = STEP * OVERSAMPLING * 5 // 8
    loudest = max(levels) or 1
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    for number, level in enumerate(levels):
        half = max(bar / 2, level / loudest * height * 0.47)
        left = number * STEP * OVERSAMPLING + (STEP * OVERSAMPLING - bar) / 2
        box = (left, height / 2 - half, left + bar - 1, height / 2 + half - 1)
        draw.rounded_rectangle(box, radius=bar / 2, fill=255)
    image = Image.new("RGBA", SIZE, COLOUR)
    image.putalpha(mask.reduce(OVERSAMPLING))
    return image
