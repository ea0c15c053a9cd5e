"""Small real files: one of every format that Segmind's SDK sends or a model takes, and images to recognise."""

import gzip
import io
import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction

import av
import pillow_heif
import pillow_jxl  # noqa: F401  (registers JPEG XL)
from PIL import Image

from tests.support.factories import a_picture

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
SVG = b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def quarters(width: int = 160, height: int = 120) -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", (2, 2))
    for position, colour in zip([(0, 0), (1, 0), (0, 1), (1, 1)], [RED, GREEN, BLUE, WHITE], strict=True):
        image.putpixel(position, colour)
    return image.resize((width, height), Image.Resampling.NEAREST)


def a_film(container: str, *images: Image.Image, rotation: int = 0, target: io.BytesIO | None = None) -> bytes:
    """A video of four frames a second, all of them key frames."""
    target = target or io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream("mpeg4" if container != "webm" else "libvpx", rate=4)
        stream.width, stream.height, stream.pix_fmt = *images[0].size, "yuv420p"
        stream.gop_size = 1
        if rotation:
            stream.set_display_rotation(rotation)
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, 4)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def a_video(container: str, codec: str, pixels: str = "yuv420p", frames: int = 5) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 176, 144, pixels
        for number in range(frames):
            frame = av.VideoFrame(176, 144, pixels)
            for plane in frame.planes:
                plane.update(bytes([number * 20 % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def a_sound(container: str, codec: str, rate: int = 44100, loudness: Sequence[float] = (0.0,) * 8) -> bytes:
    """Audio with this loudness, from 0 to 1, in each of its frames; anything but silence needs 16-bit PCM."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout, stream.bit_rate = "stereo", 128_000
        samples = stream.codec_context.frame_size or 1024
        for number, level in enumerate(loudness):
            frame = av.AudioFrame(format=stream.format.name, layout="stereo", samples=samples)
            wave = (
                int(level * 32767).to_bytes(2, "little") * 16
                + int(-level * 32767).to_bytes(2, "little", signed=True) * 16
            )
            for plane in frame.planes:
                plane.update((wave * (plane.buffer_size // len(wave) + 1))[: plane.buffer_size])
            frame.rate, frame.pts, frame.time_base = rate, number * samples, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def a_still(codec: str, pixels: str) -> bytes:
    """One picture as FFmpeg writes it."""
    target = io.BytesIO()
    with av.open(target, "w", format="image2pipe") as output:
        stream = output.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = *quarters().size, pixels
        output.mux(stream.encode(av.VideoFrame.from_image(quarters()).reformat(format=pixels)))
        output.mux(stream.encode())
    return target.getvalue()


def a_psd(depth: int = 8) -> bytes:
    """A Photoshop document without layers."""
    image = quarters()
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, image.height, image.width, depth, 3)
    return header + bytes(14) + b"".join(band.tobytes() * (depth // 8) for band in image.split())


def a_pdf(content: bytes = b"1 0 0 rg 20 20 160 60 re f", resources: bytes = b"", *more: bytes) -> bytes:
    """One page of 200 by 100 points. The objects that `resources` refers to are numbered from 5 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<<%s>>>>" % resources
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", pages, page, pdf_stream(content), *more]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % numbered for numbered in enumerate(objects, 1))
    return b"%%PDF-1.4\n%strailer\n<</Root 1 0 R/Size %d>>\n%%%%EOF\n" % (body, len(objects) + 1)


def pdf_stream(content: bytes, head: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(content), content)


def an_endless_pdf() -> bytes:
    """A page that takes minutes to draw: the colour of every point is a sum of a hundred thousand terms."""
    shading = b"<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 200 0 100]/Function 6 0 R>>"
    program = b"{pop 0.5 " + b"1 add 1 sub " * 100_000 + b"dup dup}"
    head = b"/FunctionType 4/Domain[0 200 0 100]/Range[0 1 0 1 0 1]"
    return a_pdf(b"/S sh", b"/Shading<</S 5 0 R>>", shading, pdf_stream(program, head))


PICTURES = {
    "png": ("image/png", lambda: a_picture()),
    "jpg": ("image/jpeg", lambda: a_picture(format="JPEG")),
    "jpeg": ("image/jpeg", lambda: a_picture(format="JPEG", progressive=True)),
    "jfif": ("image/jpeg", lambda: a_picture(format="JPEG", quality=10)),
    "pjp": ("image/jpeg", lambda: a_picture(format="JPEG", quality=99)),
    "gif": ("image/gif", lambda: a_picture(format="GIF")),
    "bmp": ("image/bmp", lambda: a_picture(format="BMP")),
    "webp": ("image/webp", lambda: a_picture(format="WEBP")),
    "ico": ("image/x-icon", lambda: a_picture(format="ICO")),
    "tif": ("image/tiff", lambda: a_picture(format="TIFF")),
    "tiff": ("image/tiff", lambda: a_picture(format="TIFF", compression="tiff_lzw")),
    "apng": ("image/apng", lambda: an_apng()),
    "heif": ("image/heif", lambda: a_picture(format="HEIF").replace(b"ftypheic", b"ftypmif1", 1)),
    "heic": ("image/heic", lambda: a_picture(format="HEIF")),
    "avif": ("image/avif", lambda: a_picture(format="AVIF")),
    "jxl": ("image/jxl", lambda: a_picture(format="JXL")),
    "jp2": ("image/jp2", lambda: a_picture(format="JPEG2000")),
    "j2k": ("image/j2c", lambda: a_picture(format="JPEG2000", no_jp2=True)),
    "psd": ("image/vnd.adobe.photoshop", lambda: a_psd()),
    "tga": ("image/x-targa", lambda: a_picture(format="TGA")),
    "pgm": ("image/x-portable-graymap", lambda: encoded(quarters().convert("L"), "PPM")),
    "ppm": ("image/x-portable-pixmap", lambda: a_picture(format="PPM")),
    "qoi": ("image/qoi", lambda: a_picture(format="QOI")),
    "dds": ("image/vnd-ms.dds", lambda: a_picture(format="DDS")),
    "icns": ("image/icns", lambda: a_picture(format="ICNS")),
    "pcx": ("image/vnd.zbrush.pcx", lambda: a_picture(format="PCX")),
    "sgi": ("image/sgi", lambda: a_picture(format="SGI")),
    "exr": ("image/x-exr", lambda: a_still("exr", "gbrpf32le")),
    "pam": ("image/x-portable-arbitrarymap", lambda: a_still("pam", "rgb24")),
    "pfm": ("image/x-portable-floatmap", lambda: a_still("pfm", "gbrpf32le")),
    "dpx": ("image/x-dpx", lambda: a_still("dpx", "rgb24")),
    "jls": ("image/jls", lambda: a_still("jpegls", "rgb24")),
    "xbm": ("image/x-xbitmap", lambda: a_picture(format="XBM")),
    "svg": ("image/svg+xml", lambda: SVG),
    "svgz": ("image/svg+xml", lambda: gzip.compress(SVG)),
}
SOUNDS = {
    "mp3": ("audio/mpeg", lambda: a_sound("mp3", "libmp3lame")),
    "wav": ("audio/wav", lambda: a_sound("wav", "pcm_s16le")),
    "m4a": ("audio/mp4", lambda: a_sound("ipod", "aac")),
    "ogg": ("audio/ogg", lambda: a_sound("ogg", "libopus", 48000)),
    "flac": ("audio/flac", lambda: a_sound("flac", "flac")),
    "aac": ("audio/aac", lambda: a_sound("adts", "aac")),
    "aiff": ("audio/aiff", lambda: a_sound("aiff", "pcm_s16be")),
    "au": ("audio/basic", lambda: a_sound("au", "pcm_s16be")),
    "wma": ("audio/x-ms-wma", lambda: a_sound("asf", "wmav2")),
    "loas": ("audio/mp4a-latm", lambda: a_sound("latm", "aac")),
    "caf": ("audio/x-caf", lambda: a_sound("caf", "pcm_s16be")),
    "wv": ("audio/x-wavpack", lambda: a_sound("wv", "wavpack")),
    "tta": ("audio/x-tta", lambda: a_sound("tta", "tta")),
    "ac3": ("audio/ac3", lambda: a_sound("ac3", "ac3")),
    "eac3": ("audio/eac3", lambda: a_sound("eac3", "eac3")),
    "w64": ("audio/x-w64", lambda: a_sound("w64", "pcm_s16le")),
}
VIDEOS = {
    "mp4": ("video/mp4", lambda: a_video("mp4", "mpeg4")),
    "avi": ("video/x-msvideo", lambda: a_video("avi", "mpeg4")),
    "mov": ("video/quicktime", lambda: a_video("mov", "mpeg4")),
    "mkv": ("video/x-matroska", lambda: a_video("matroska", "mpeg4")),
    "wmv": ("video/x-ms-wmv", lambda: a_video("asf", "wmv2")),
    "flv": ("video/x-flv", lambda: a_video("flv", "flv")),
    "webm": ("video/webm", lambda: a_video("webm", "libvpx")),
    "mpeg": ("video/mpeg", lambda: a_video("mpeg", "mpeg1video")),
    "ts": ("video/mp2t", lambda: a_video("mpegts", "mpeg2video")),
    "mpg": ("video/mpeg", lambda: a_video("mpeg", "mpeg2video")),
}
PDF = {"pdf": ("application/pdf", lambda: a_pdf())}
EVERY_FORMAT = PICTURES | SOUNDS | VIDEOS | PDF


def an_apng() -> bytes:
    frames = [Image.open(io.BytesIO(a_picture())) for _ in range(2)]
    target = io.BytesIO()
    frames[0].save(target, "PNG", save_all=True, append_images=frames[1:])
    return target.getvalue()
