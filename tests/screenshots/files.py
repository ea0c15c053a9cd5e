"""The files in the screenshots: pictures, a sound, a document and a video, all made here."""

import io
import math
from collections.abc import Iterator

from PIL import Image, ImageChops

from tests.screenshots.scenes import (
    draw_bokeh,
    draw_city,
    draw_dunes,
    draw_mountains,
    draw_poster,
    draw_sea,
    draw_still_life,
)
from tests.support.media import a_pdf, a_sound

DAWN = ("#5b7fb0", "#b9a9c9", "#f6c9a8", "#fde3c1")
DUSK = ("#2b2c5a", "#7a3f78", "#e0705a", "#f8b76b")
NOON = ("#3f8fd1", "#8dc3ea", "#d8ecf5")
NIGHT = ("#0b1030", "#1b2550", "#3c3f72")


def library_files() -> Iterator[tuple[str, bytes]]:
    """File names and contents of the library."""
    wide, tall, square, broad = (1500, 1000), (900, 1200), (1100, 1100), (1800, 800)
    drawn: list[tuple[str, Image.Image]] = [
        ("Harbour at dusk", draw_sea(1, wide, DUSK, ("#c9614f", "#5a2f63", "#1d1b42"), "#ffb15e")),
        ("Amber bottle, front", draw_still_life(2, tall, ("#e9dccb", "#d9c4ab"), "#a8571c", "bottle")),
        ("Ridge in the morning", draw_mountains(3, broad, DAWN, "#a9a6c4", "#26344a", "#fff0cf")),
        ("Poster, autumn fair", draw_poster(4, tall, ("#f4ecd8", "#1f2a44", "#d9482b", "#e9a820", "#3a7d6b"))),
        ("City at night", draw_city(5, wide, NIGHT, "#10132b", "#ffd37a")),
        ("Blue vase", draw_still_life(6, square, ("#efe6df", "#d6c3b8"), "#2f5d9c", "vase")),
        ("Dunes, north side", draw_dunes(7, wide, ("#7fb2d6", "#f3dcc0"), "#f0c184", "#8a4a2a")),
        (
            "Lights in the rain",
            draw_bokeh(8, broad, ("#11172c", "#2a1f45", "#140f22"), ("#ffb347", "#ff6f61", "#7ec8e3", "#ffe29a")),
        ),
        ("Office plant", draw_still_life(9, tall, ("#dfe8e2", "#bccdc2"), "#c9734a", "plant")),
        ("Noon over the bay", draw_sea(10, broad, NOON, ("#7fc1d8", "#2f82ad", "#14507c"), "#fff7dd")),
        ("Pattern, tiles", draw_poster(11, square, ("#f7f3ea", "#2d3a8c", "#f0a202", "#e4572e"))),
        ("Green valley", draw_mountains(12, wide, ("#9cc7e4", "#dcebe6", "#f3f0dc"), "#a7c4b4", "#1e4a38", "#ffffff")),
        ("Desk lamp", draw_still_life(13, square, ("#26303c", "#1a222c"), "#f2c14e", "lamp")),
        (
            "Evening lights",
            draw_bokeh(14, wide, ("#3a1c40", "#7a2f4b", "#1f1230"), ("#ffd9a0", "#ff9a76", "#f2668b", "#fff1cf")),
        ),
        ("Violet peaks", draw_mountains(15, tall, ("#3b2f6b", "#a4508b", "#f6a978"), "#a77ba6", "#231942", "#ffe0b5")),
        ("Rose bottle", draw_still_life(16, tall, ("#f6e4e1", "#e8c7c3"), "#c2536b", "bottle")),
    ]
    for number, (name, picture) in enumerate(drawn):
        yield f"{name}.{'webp' if number % 5 == 4 else 'jpg'}", encode(picture, "WEBP" if number % 5 == 4 else "JPEG")
    yield (
        "Signal tone.wav",
        a_sound(
            "wav",
            "pcm_s16le",
            loudness=[math.sin(n / 60 * math.pi) ** 2 * (0.4 + 0.6 * (n % 7) / 6) for n in range(60)],
        ),
    )
    yield "Price list.pdf", a_pdf(PAPER)
    yield "Waves.mp4", make_video()


def upload_files() -> Iterator[tuple[str, bytes]]:
    """File names and contents for the upload tray. The last two are refused."""
    wide, square = (1500, 1000), (1100, 1100)
    yield (
        "Winter coast.jpg",
        encode(draw_sea(21, wide, ("#7d94ad", "#c9d3dc", "#eef0ee"), ("#a9bcc6", "#5d7a8c", "#2d4657"), "#ffffff")),
    )
    yield "Red vase.jpg", encode(draw_still_life(22, square, ("#ece5da", "#d3c5b2"), "#a32e2e", "vase"))
    yield "Dunes, south side.jpg", encode(draw_dunes(23, wide, ("#e8b48c", "#f7dfc6"), "#e59a5c", "#6e2f22"))
    yield (
        "Poster, spring fair.png",
        encode(draw_poster(24, (900, 1200), ("#fdf6ec", "#e85d75", "#2a9d8f", "#264653")), "PNG"),
    )
    yield "Old town.jpg", encode(draw_city(25, wide, ("#1d2b53", "#7e2553", "#ff9a6b"), "#1a1230", "#ffe0a0"))
    yield "Notes.txt", b"Call the printer before Friday.\n"
    yield "Empty.png", b""


def encode(picture: Image.Image, format: str = "JPEG") -> bytes:
    target = io.BytesIO()
    picture.save(target, format, quality=90)
    return target.getvalue()


PAPER = b"""0.17 0.16 0.45 rg 0 78 200 22 re f
0.85 0.28 0.17 rg 170 82 14 14 re f
0.8 0.8 0.82 rg 14 60 90 4 re f 14 52 120 3 re f 14 44 110 3 re f 14 36 124 3 re f 14 28 84 3 re f
0.93 0.75 0.25 rg 146 26 40 38 re f"""


def make_video() -> bytes:
    """Three seconds of the sea."""
    import av

    target = io.BytesIO()
    still = draw_sea(31, (960, 540), DAWN, ("#e6b9a1", "#8a7aa8", "#33406b"), "#ffe3b8")
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 960, 540, "yuv420p", 2_000_000
        for number in range(36):
            frame = ImageChops.offset(still, number * 2, 0)
            output.mux(stream.encode(av.VideoFrame.from_image(frame)))
        output.mux(stream.encode())
    return target.getvalue()
