"""How each file of the corpus is drawn: plain, odd and large. Every recipe takes a path and a variation."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pillow_jxl  # noqa: F401  (registers JPEG XL)
from PIL import Image

from tests.support import ffmpeg
from tests.support.media import a_pdf, quarters

pillow_heif.register_heif_opener()

Draw = Callable[[Path, str], None]
SIZES = {"plain": (64, 48), "odd": (33, 17), "large": (1200, 900)}
SECONDS = {"plain": 1.0, "odd": 1.5, "large": 20.0}
FILM_SIZES = {"plain": (128, 96), "odd": (98, 66), "large": (640, 360)}
FILM_SECONDS = {"plain": 1.0, "odd": 1.6, "large": 4.0}
ONE_THREAD, EXPERIMENTAL = ("-threads", "1"), ("-strict", "-2")
TITLE = "title=Café – ポスト"


def pillow(format: str, *, mode: str = "RGB", odd: dict[str, Any] | None = None, **options: Any) -> Draw:
    """Written by Pillow; `odd` has other options, and the `mode` of the odd one."""

    def draw(path: Path, variation: str) -> None:
        chosen = {"mode": mode, **options, **((odd or {}) if variation == "odd" else {})}
        image = quarters(*SIZES[variation])
        wanted = chosen.pop("mode")
        frames = chosen.pop("frames", 1)
        image = convert(image, wanted)
        if frames > 1:
            chosen |= {"save_all": True, "append_images": [image.transpose(Image.Transpose.ROTATE_180)] * (frames - 1)}
        image.save(path, format, **chosen)

    return draw


def convert(image: Image.Image, mode: str) -> Image.Image:
    """In every mode that a format has. Those of more than eight bits are not reached from colours in one step."""
    if mode in ("I;16", "F"):
        image = image.convert("L")
    return image.convert("I").convert(mode) if mode == "I;16" else image.convert(mode)


def squares(format: str, sides: dict[str, int], **options: Any) -> Draw:
    """Formats that know only certain sizes."""

    def draw(path: Path, variation: str) -> None:
        quarters(sides[variation], sides[variation]).save(path, format, **options)

    return draw


def patched(draw: Draw, old: bytes, new: bytes) -> Draw:
    """A relative of a format, which only says that it is another."""

    def draw_relative(path: Path, variation: str) -> None:
        draw(path, variation)
        path.write_bytes(path.read_bytes().replace(old, new, 1))

    return draw_relative


def still(codec: str) -> Draw:
    """A picture written by ffmpeg."""

    def draw(path: Path, variation: str) -> None:
        width, height = SIZES[variation]
        picture = f"testsrc=size={width}x{height}"
        ffmpeg.run("-f", "lavfi", "-i", picture, "-frames:v", "1", "-c:v", codec, "-f", "image2", "-update", "1", path)

    return draw


def written(make: Callable[[Image.Image], bytes], *, odd: Callable[[Image.Image], bytes] | None = None) -> Draw:
    """Formats that nothing here writes, byte by byte."""

    def draw(path: Path, variation: str) -> None:
        chosen = odd if odd and variation == "odd" else make
        path.write_bytes(chosen(quarters(*SIZES[variation])))

    return draw


def a_psd(image: Image.Image) -> bytes:
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, image.height, image.width, 8, 3)
    return header + bytes(12) + struct.pack(">H", 0) + b"".join(band.tobytes() for band in image.split())


def an_hdr(image: Image.Image) -> bytes:
    """Every pixel with an exponent, and without compression."""
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {image.height} +X {image.width}\n"
    image.putalpha(128)
    return head.encode() + image.tobytes()


def an_xpm(image: Image.Image) -> bytes:
    flat = image.quantize(4).convert("RGB").tobytes()
    pixels = [flat[start : start + 3] for start in range(0, image.width * image.height * 3, 3)]
    colours = dict(zip(sorted(set(pixels)), "abcd", strict=False))
    lines = [f"{image.width} {image.height} {len(colours)} 1"]
    lines += [f"{letter} c #{colour.hex()}" for colour, letter in colours.items()]
    text = "".join(colours[colour] for colour in pixels)
    lines += [text[start : start + image.width] for start in range(0, len(text), image.width)]
    quoted = ",\n".join(f'"{line}"' for line in lines)
    return f"/* XPM */\nstatic char *drawn[] = {{\n{quoted}\n}};\n".encode()


def an_svg(image: Image.Image) -> bytes:
    size = f'width="{image.width}" height="{image.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><circle cx="20" cy="10" r="9"/></svg>'.encode()


def an_svg_in_utf_16(image: Image.Image) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?>{an_svg(image).decode()}'.encode("utf-16")


def draw_pdf(path: Path, variation: str) -> None:
    path.write_bytes(a_pdf(b"1 0 0 rg 20 20 160 60 re f\n" * {"plain": 1, "odd": 0, "large": 2000}[variation]))


def compressed(make: Callable[[Image.Image], bytes]) -> Callable[[Image.Image], bytes]:
    return lambda image: gzip.compress(make(image), mtime=0)


def sound(codec: str, *, odd: str = "", rate: int = 44_100) -> Draw:
    """Written by ffmpeg: a tone, in stereo; the odd one in mono with tags, at a low rate unless `odd` says more."""

    def draw(path: Path, variation: str) -> None:
        tone = f"sine=frequency=440:sample_rate={rate}:duration={SECONDS[variation]}"
        extra = ["-ac", "1", *(odd or codec).split(), "-metadata", TITLE] if variation == "odd" else codec.split()
        ffmpeg.run("-f", "lavfi", "-i", tone, "-ac", "2", *extra, *EXPERIMENTAL, path)

    return draw


def film(codec: str, *, odd: str = "", rate: int = 10, sizes: dict[str, tuple[int, int]] | None = None) -> Draw:
    """Written by ffmpeg: the test picture without sound; the odd one with tags and sound, in an unusual size."""

    def draw(path: Path, variation: str) -> None:
        width, height = (sizes or FILM_SIZES)[variation]
        picture = f"testsrc=size={width}x{height}:rate={rate}:duration={FILM_SECONDS[variation]}"
        inputs = ["-f", "lavfi", "-i", picture]
        if variation == "odd":
            inputs += ["-f", "lavfi", "-i", f"sine=sample_rate=48000:duration={FILM_SECONDS[variation]}"]
            extra = [*(odd or codec).split(), "-metadata", TITLE]
        else:
            extra = codec.split()
        ffmpeg.run(*inputs, *extra, *ONE_THREAD, *EXPERIMENTAL, path)

    return draw


def speech(start: bytes, frame: bytes) -> Draw:
    """AMR: a header, and frames of 20 milliseconds."""

    def draw(path: Path, variation: str) -> None:
        path.write_bytes(start + frame * round(SECONDS[variation] / 0.02))

    return draw


def draw_dsf(path: Path, variation: str) -> None:
    """Two channels of one bit at 2.8 MHz: silence, which is a pattern."""
    blocks = round(SECONDS[variation] * 2_822_400 / 8 / 4096)
    data = b"\x69" * (blocks * 2 * 4096)
    form = struct.pack("<4sQIIIIIIQI4x", b"fmt ", 52, 1, 0, 2, 2, 2_822_400, 1, blocks * 4096 * 8, 4096)
    chunk = struct.pack("<4sQ", b"data", 12 + len(data)) + data
    path.write_bytes(struct.pack("<4sQQQ", b"DSD ", 28, 28 + len(form) + len(chunk), 0) + form + chunk)
