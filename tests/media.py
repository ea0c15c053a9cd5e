"""A small real file of every format that Segmind's SDK sends, and of the others that models take."""

import gzip
import io
from fractions import Fraction

import av
from PIL import Image

from tests.factories import a_picture

SVG = b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'


def a_video(container: str, codec: str, pixels: str = "yuv420p") -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 176, 144, pixels
        for number in range(5):
            frame = av.VideoFrame(176, 144, pixels)
            for plane in frame.planes:
                plane.update(bytes([number * 20]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def a_sound(container: str, codec: str, rate: int = 44100) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "stereo"
        samples = stream.codec_context.frame_size or 1024
        for number in range(8):
            frame = av.AudioFrame(format=stream.format.name, layout="stereo", samples=samples)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.rate, frame.pts, frame.time_base = rate, number * samples, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target.getvalue()


def asf_header(stream_type: str) -> bytes:
    """The beginning of a WMV or WMA file: the header object with one stream of that type."""
    header = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + (200).to_bytes(8, "little") + b"\1\0\0\0\1\2"
    stream = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365") + (100).to_bytes(8, "little")
    return header + stream + bytes.fromhex(stream_type) + bytes(200)


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
    "wma": ("audio/x-ms-wma", lambda: asf_header("409e69f84d5bcf11a8fd00805f5c442b")),
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
PDF = {"pdf": ("application/pdf", lambda: b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")}
EVERY_FORMAT = PICTURES | SOUNDS | VIDEOS | PDF


def an_apng() -> bytes:
    frames = [Image.open(io.BytesIO(a_picture())) for _ in range(2)]
    target = io.BytesIO()
    frames[0].save(target, "PNG", save_all=True, append_images=frames[1:])
    return target.getvalue()
