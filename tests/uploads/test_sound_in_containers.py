"""A container of videos without video is audio: its kind and its type follow what is in it."""

import io
import struct

import pytest

from assets.models import Asset
from assets.previews.render import render_preview
from assets.uploads.recording_structure import type_by_content
from tests.support.factories import a_stored_file, an_asset
from tests.support.ffmpeg import FILM, SINE, draw

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]

FRAGMENTED = ("-c:a", "aac", "-movflags", "frag_keyframe+empty_moov")
COVER = ("-f", "lavfi", "-i", "testsrc=s=64x64:d=0.04", "-map", "0", "-map", "1", "-frames:v", "1")
SOUND = {
    "a.mp4": ("audio/mp4", ()),
    "faststart.mp4": ("audio/mp4", ("-movflags", "faststart")),
    "fragmented.mp4": ("audio/mp4", FRAGMENTED),
    "fragmented.m4a": ("audio/mp4", FRAGMENTED),
    "a.mov": ("audio/mp4", ()),
    "a.3gp": ("audio/3gpp", ("-c:a", "aac")),
    "a.mkv": ("audio/x-matroska", ()),
    "a.webm": ("audio/webm", ()),
    "a.avi": ("audio/avi", ()),
    "a.flv": ("audio/x-flv", ()),
    "a.asf": ("audio/x-ms-wma", ()),
    "a.mpg": ("audio/mp2p", ()),
    "a.ts": ("audio/mp2t", ("-mpegts_flags", "pat_pmt_at_frames")),
    "cover.m4a": ("audio/mp4", (*COVER, "-c:v", "mjpeg", "-disposition:v", "attached_pic")),
    "picture.mp4": ("audio/mp4", (*COVER, "-c:v", "mjpeg")),
    "picture.mov": ("audio/mp4", (*COVER, "-c:v", "png")),
    "picture.mkv": ("audio/x-matroska", (*COVER, "-c:v", "mjpeg")),
}
VIDEO = {
    "a.mp4": ("video/mp4", ()),
    "a.mov": ("video/quicktime", ("-c:v", "mjpeg")),
    "a.mkv": ("video/x-matroska", ("-c:v", "mjpeg")),
    "a.webm": ("video/webm", ()),
    "a.ogv": ("video/ogg", ()),
    "a.avi": ("video/x-msvideo", ()),
    "a.wmv": ("video/x-ms-wmv", ()),
    "a.ts": ("video/mp2t", ()),
}


class Counted(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


def a_box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def an_element(id: bytes, content: bytes = b"") -> bytes:
    return id + b"\x01" + len(content).to_bytes(7) + content


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("video/mp4", a_box(b"moov", a_box(b"trak", a_box(b"free") * 100) * 2000)),
        (
            "video/x-matroska",
            an_element(
                b"\x18\x53\x80\x67", an_element(b"\x16\x54\xae\x6b", an_element(b"\xae", b"\xec\x80" * 100) * 2000)
            ),
        ),
    ],
)
def test_a_file_of_thousands_of_tracks_is_not_read_through(media_type, content):
    file = Counted(content)
    type_by_content(file, media_type)
    assert file.reads < 150_000


def received(as_ana, upload, name: str, content: bytes) -> Asset:
    [result] = upload(as_ana, (name, content))["results"]
    assert result["asset"]["kind"] == result["asset"]["media_type"].partition("/")[0]
    return Asset.objects.get(pk=result["asset"]["id"])


@pytest.mark.parametrize("name", SOUND)
def test_a_container_with_nothing_but_sound_is_audio(name, as_ana, upload):
    media_type, options = SOUND[name]
    asset = received(as_ana, upload, name, draw(name, *SINE, *options))
    assert (asset.kind, asset.stored_file.media_type) == ("audio", media_type)
    assert render_preview(asset.stored_file)


def test_what_is_cut_off_does_not_make_a_sound_a_video(as_ana, upload):
    content = draw("a.mkv", *SINE, "-c:a", "flac", "-cues_to_front", "1", "-reserve_index_space", "500000")
    asset = received(as_ana, upload, "a.mkv", content[: len(content) // 2])
    assert asset.kind == "audio"


@pytest.mark.parametrize("name", VIDEO)
def test_a_container_with_video_is_a_video_with_and_without_sound(name, as_ana, upload):
    media_type, options = VIDEO[name]
    for inputs in (FILM, (*FILM, *SINE)):
        asset = received(as_ana, upload, name, draw(name, *inputs, *options))
        assert (asset.kind, asset.stored_file.media_type) == ("video", media_type)


def test_sound_is_accepted_where_videos_are_not(as_ana, upload, settings):
    settings.UPLOAD_MEDIA_TYPES = ["audio/*"]
    assert received(as_ana, upload, "a.mp4", draw("a.mp4", *SINE)).kind == "audio"
    assert upload(as_ana, ("film.mp4", draw("a.mp4", *FILM)))["results"][0]["error"]["code"] == "media_type"


def test_sound_that_was_received_as_a_video_is_corrected_with_its_preview():
    file = a_stored_file(content=draw("a.mov", *SINE), media_type="video/quicktime")
    asset = an_asset(stored_file=file)
    assert render_preview(file)
    asset = Asset.objects.get(pk=asset.pk)
    assert (asset.kind, asset.stored_file.media_type) == ("audio", "audio/mp4")
