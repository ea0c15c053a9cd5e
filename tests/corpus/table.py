"""Every accepted format that can be drawn here, and what the library has to say of it.

Nothing here writes Monkey's Audio, Musepack, TAK and the sequences of HEIF. Each format comes plain, odd, large,
truncated (the first three fifths of the plain one) and mistyped (the plain one with a name and a type that are not its
own).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.corpus import recipes
from tests.corpus.drawing import draw_once
from tests.corpus.recipes import Draw, compressed, film, patched, pillow, sound, speech, squares, still, written

VARIATIONS = ("plain", "odd", "large")
Size = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """A format. `cut` is what becomes of the truncated one: the code of a refusal, or `shown`, or `not shown`.

    `warns`: whether it can be told that something is missing. Of what is just one frame after the other, it cannot.
    """

    ending: str
    media_type: str
    draw: Draw
    cut: str = "broken"
    kind: str = "image"
    sizes: dict[str, Size] | None = None
    seconds: dict[str, float] | None = None
    warns: bool = True


@dataclass(frozen=True)
class Sample:
    """A file of the corpus. `code` is that of a refusal; of a truncated recording, size and duration are not told."""

    row: Row
    variation: str

    @property
    def name(self) -> str:
        return f"{self.variation}.{self.row.ending}"

    def __str__(self) -> str:
        return f"{self.variation} {self.row.kind} {self.row.ending}"

    @property
    def drawn(self) -> str:
        """The variation that is drawn for it."""
        return self.variation if self.variation in VARIATIONS else "plain"

    @property
    def sent_as(self) -> str:
        ending = "png" if self.row.kind == "audio" else "mp3"
        return f"mistyped.{ending}" if self.variation == "mistyped" else self.name

    @property
    def size(self) -> Size | None:
        return self.row.sizes and self.row.sizes[self.drawn]

    @property
    def seconds(self) -> float | None:
        return self.row.seconds and self.row.seconds[self.drawn]

    def content(self, folder: Path) -> bytes:
        """Its bytes. What is drawn for it stays in the folder."""
        path = folder / self.row.kind / f"{self.drawn}.{self.row.ending}"
        content = draw_once(path, lambda target: self.row.draw(target, self.drawn)).read_bytes()
        return content[: len(content) * 3 // 5] if self.variation == "truncated" else content


def image(
    ending: str,
    media_type: str,
    draw: Draw,
    cut: str = "broken",
    *,
    sides: dict[str, int] | None = None,
    warns: bool = True,
) -> Row:
    sizes = {name: (side, side) for name, side in sides.items()} if sides else recipes.SIZES
    return Row(ending, media_type, draw, cut, sizes=sizes, warns=warns)


def audio(ending: str, media_type: str, draw: Draw, cut: str = "shown", *, warns: bool = True) -> Row:
    return Row(ending, media_type, draw, cut, kind="audio", seconds=recipes.SECONDS, warns=warns)


def video(
    ending: str,
    media_type: str,
    draw: Draw,
    cut: str = "shown",
    *,
    sizes: dict[str, Size] | None = None,
    warns: bool = True,
) -> Row:
    return Row(ending, media_type, draw, cut, "video", sizes or recipes.FILM_SIZES, recipes.FILM_SECONDS, warns)


ICON_SIDES = {"plain": 32, "odd": 48, "large": 256}
APPLE_SIDES = dict.fromkeys(VARIATIONS, 1024)  # Pillow writes all smaller ones too
DV_SIZES = dict.fromkeys(VARIATIONS, (720, 576))  # of pixels that are not square
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
MPEG_4 = "-c:v mpeg4"
AAC = " -c:a aac"
DV = "-c:v dvvideo -pix_fmt yuv420p"

IMAGES = [
    image("png", "image/png", pillow("PNG", odd={"mode": "I;16"})),
    image("apng", "image/apng", pillow("PNG", frames=2, odd={"mode": "P", "frames": 3}), "shown"),
    image("jpg", "image/jpeg", pillow("JPEG", odd={"mode": "CMYK", "progressive": True})),
    image("gif", "image/gif", pillow("GIF", mode="P", odd={"frames": 3, "duration": 100})),
    image("webp", "image/webp", pillow("WEBP", odd={"mode": "RGBA", "lossless": True, "frames": 2})),
    image("avif", "image/avif", pillow("AVIF", speed=10, odd={"mode": "RGBA"})),
    image("heic", "image/heic", pillow("HEIF", odd={"mode": "RGBA"})),
    image("heif", "image/heif", patched(pillow("HEIF"), b"ftypheic", b"ftypmif1")),
    image("jxl", "image/jxl", pillow("JXL", effort=1, odd={"mode": "L", "lossless": True})),
    image("jp2", "image/jp2", pillow("JPEG2000", odd={"mode": "RGBA"})),
    image("jpx", "image/jpx", patched(pillow("JPEG2000"), b"ftypjp2 ", b"ftypjpx ")),
    image("j2k", "image/j2c", pillow("JPEG2000", no_jp2=True, odd={"mode": "L"})),
    image("tif", "image/tiff", pillow("TIFF", odd={"mode": "CMYK", "big_tiff": True, "compression": "tiff_lzw"})),
    image("bmp", "image/bmp", pillow("BMP", odd={"mode": "P"})),
    image("ico", "image/x-icon", squares("ICO", ICON_SIDES), sides=ICON_SIDES),
    image("icns", "image/icns", squares("ICNS", APPLE_SIDES), sides=APPLE_SIDES),
    image("psd", "image/vnd.adobe.photoshop", written(recipes.a_psd)),
    image("tga", "image/x-targa", pillow("TGA", odd={"mode": "RGBA", "compression": "tga_rle"})),
    image("pbm", "image/x-portable-bitmap", pillow("PPM", mode="1")),
    image("pgm", "image/x-portable-graymap", pillow("PPM", mode="L", odd={"mode": "I;16"})),
    image("ppm", "image/x-portable-pixmap", pillow("PPM")),
    image("pam", "image/x-portable-arbitrarymap", still("pam")),
    image("pfm", "image/x-portable-floatmap", pillow("PPM", mode="F")),
    image("qoi", "image/qoi", pillow("QOI", odd={"mode": "RGBA"}), "shown"),
    image("dds", "image/vnd-ms.dds", pillow("DDS", odd={"mode": "RGBA"})),
    image("pcx", "image/vnd.zbrush.pcx", pillow("PCX", odd={"mode": "P"})),
    image("sgi", "image/sgi", pillow("SGI", odd={"mode": "L"})),
    image("exr", "image/x-exr", still("exr"), "shown", warns=False),
    image("hdr", "image/vnd.radiance", written(recipes.an_hdr)),
    image("dpx", "image/x-dpx", still("dpx")),
    image("jls", "image/jls", still("jpegls"), "shown", warns=False),
    image("xwd", "image/x-xwindowdump", still("xwd")),
    image("ras", "image/x-sun-raster", still("sunrast")),
    image("xbm", "image/x-xbitmap", pillow("XBM", mode="1")),
    image("xpm", "image/x-xpixmap", written(recipes.an_xpm)),
    image("svg", "image/svg+xml", written(recipes.an_svg, odd=recipes.an_svg_in_utf_16), "not shown"),
    image("svgz", "image/svg+xml", written(compressed(recipes.an_svg)), "not shown"),
]
SOUNDS = [
    audio("mp3", "audio/mpeg", sound("-c:a libmp3lame", odd="-c:a libmp3lame -ar 22050 -b:a 32k")),
    audio("mp2", "audio/mpeg", sound("-c:a mp2"), warns=False),
    audio("aac", "audio/aac", sound("-c:a aac")),
    audio("loas", "audio/mp4a-latm", sound("-c:a aac -f latm"), warns=False),
    audio("m4a", "audio/mp4", sound("-c:a aac", odd="-c:a alac"), "not shown"),
    audio("3gp", "audio/3gpp", sound("-c:a aac"), "not shown"),
    audio("3g2", "audio/3gpp2", sound("-c:a aac"), "not shown"),
    audio("ogg", "audio/ogg", sound("-c:a libvorbis", odd="-c:a flac"), "not shown"),
    audio("opus", "audio/ogg", sound("-c:a libopus", rate=48_000), "not shown"),
    audio("spx", "audio/ogg", sound("-c:a libspeex", rate=16_000), "not shown"),
    audio("weba", "audio/webm", sound("-c:a libopus -f webm", rate=48_000)),
    audio("mka", "audio/x-matroska", sound("-c:a flac")),
    audio("wav", "audio/wav", sound("-c:a pcm_s16le", odd="-c:a pcm_f32le")),
    audio("w64", "audio/x-w64", sound("-c:a pcm_s16le", odd="-c:a pcm_s24le")),
    audio("aiff", "audio/aiff", sound("-c:a pcm_s16be")),
    audio("au", "audio/basic", sound("-c:a pcm_s16be", odd="-c:a pcm_mulaw -ar 8000")),
    audio("caf", "audio/x-caf", sound("-c:a pcm_s16be", odd="-c:a alac")),
    audio("flac", "audio/flac", sound("-c:a flac")),
    audio("wv", "audio/x-wavpack", sound("-c:a wavpack")),
    audio("tta", "audio/x-tta", sound("-c:a tta"), "not shown"),
    audio("wma", "audio/x-ms-wma", sound("-c:a wmav2")),
    audio("amr", "audio/amr", speech(b"#!AMR\n", b"\x3c" + bytes(31)), warns=False),
    audio("awb", "audio/amr-wb", speech(b"#!AMR-WB\n", b"\x44" + bytes(60)), warns=False),
    audio("ac3", "audio/ac3", sound("-c:a ac3"), warns=False),
    audio("eac3", "audio/eac3", sound("-c:a eac3"), warns=False),
    audio("dts", "audio/vnd.dts", sound("-c:a dca", rate=48_000), warns=False),
    audio(
        "thd",
        "audio/vnd.dolby.mlp",
        sound("-c:a truehd -f truehd", odd="-c:a truehd -f truehd -ac 2", rate=48_000),
        "not shown",
    ),
    audio("dsf", "audio/x-dsf", recipes.draw_dsf),
    audio("voc", "audio/x-voc", sound("-c:a pcm_u8")),
]
# Containers of videos with nothing but sound in them.
SOUNDS_IN_FILMS = [
    audio("mp4", "audio/mp4", sound("-c:a aac"), "not shown"),
    audio("mov", "audio/mp4", sound("-c:a pcm_s16le"), "not shown"),
    audio("mkv", "audio/x-matroska", sound("-c:a flac")),
    audio("webm", "audio/webm", sound("-c:a libopus", rate=48_000)),
    audio("avi", "audio/avi", sound("-c:a libmp3lame")),
    audio("flv", "audio/x-flv", sound("-c:a libmp3lame")),
    audio("ts", "audio/mp2t", sound("-c:a mp2"), warns=False),
    audio("mpg", "audio/mp2p", sound("-c:a mp2"), warns=False),
]
VIDEOS = [
    video("mp4", "video/mp4", film(f"{H264} -movflags +faststart", odd=H264 + AAC)),
    video("m4v", "video/mp4", film(MPEG_4, odd=MPEG_4 + AAC), "not shown"),
    video("mov", "video/quicktime", film(MPEG_4, odd="-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"), "not shown"),
    video("3gp", "video/3gpp", film(MPEG_4, odd=MPEG_4 + AAC), "not shown"),
    video("3g2", "video/3gpp2", film(MPEG_4, odd=MPEG_4 + AAC), "not shown"),
    video("webm", "video/webm", film("-c:v libvpx -deadline realtime -cpu-used 8")),
    video("mkv", "video/x-matroska", film(H264, odd=H264 + " -c:a flac")),
    video("ogv", "video/ogg", film("-c:v libtheora", odd="-c:v libtheora -c:a libvorbis"), "not shown"),
    video("avi", "video/x-msvideo", film(MPEG_4, odd=MPEG_4 + " -c:a libmp3lame")),
    video("wmv", "video/x-ms-wmv", film("-c:v wmv2", odd="-c:v wmv2 -c:a wmav2")),
    video("flv", "video/x-flv", film("-c:v flv", odd="-c:v flv -c:a libmp3lame -ar 44100")),
    video("mpg", "video/mpeg", film("-c:v mpeg1video", odd="-c:v mpeg1video -c:a mp2", rate=25)),
    video("ts", "video/mp2t", film("-c:v mpeg2video", odd="-c:v mpeg2video -c:a mp2", rate=25)),
    video("m2ts", "video/mp2t", film(f"{H264} -mpegts_m2ts_mode 1", odd=f"{H264} -c:a ac3", rate=25)),
    video(
        "dv",
        "video/dv",
        film(DV, odd=DV + " -c:a pcm_s16le -ac 2", rate=25, sizes=DV_SIZES),
        sizes=dict.fromkeys(VARIATIONS, (768, 576)),
        warns=False,
    ),
]
DOCUMENTS = [Row("pdf", "application/pdf", recipes.draw_pdf, "not shown", kind="other")]
ROWS = [*IMAGES, *SOUNDS, *SOUNDS_IN_FILMS, *VIDEOS, *DOCUMENTS]


def samples() -> Iterator[Sample]:
    for row in ROWS:
        for variation in (*VARIATIONS, "truncated", "mistyped"):
            yield Sample(row, variation)
