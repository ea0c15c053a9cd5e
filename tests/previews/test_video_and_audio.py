"""Posters of videos and waveforms of audio."""

import io
import wave

import av
import pytest
from PIL import Image

from assets.models import Asset, StoredFile
from tests.previews.checks import is_near, previewed, refused, shows_quarters
from tests.support.factories import a_picture
from tests.support.ffmpeg import FILM, SINE, draw
from tests.support.media import VIDEOS, a_film, a_sound, a_video, quarters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


# Silence and then noise, for which an encoder needs many more bits.
SWELLING = "aevalsrc=if(lt(t\\,200)\\,0\\,random(0)):d=310"


def test_a_poster_is_not_black_and_size_and_duration_are_recorded():
    black = Image.new("RGB", (160, 120))
    content = a_film("mp4", *[black] * 8, *[quarters()] * 8)
    file, preview = previewed(content, "video/mp4")
    assert shows_quarters(preview, by=50)
    assert (file.width, file.height, file.duration) == (160, 120, 4.0)
    assert file.placeholder
    assert not file.is_animated


def test_a_video_that_is_all_black_has_a_black_poster():
    _, preview = previewed(a_film("mp4", *[Image.new("RGB", (160, 120))] * 4), "video/mp4")
    assert is_near(preview.getpixel((80, 60)), (0, 0, 0))


class Pipe(io.BytesIO):
    """A target that cannot seek, as for a browser's recording: the duration cannot be written into the header."""

    def seekable(self) -> bool:
        return False

    seek = None  # type: ignore[assignment]


def test_a_video_without_a_duration_in_its_header_is_measured():
    content = a_film("webm", *[quarters()] * 8, target=Pipe())
    with av.open(io.BytesIO(content)) as container:
        assert container.duration is None
    file, _ = previewed(content, "video/webm")
    assert file.duration == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("container", ["matroska", "mpeg", "avi"])
def test_a_truncated_video_shows_what_is_there(container):
    content = a_video(container, "mpeg2video" if container == "mpeg" else "mpeg4", frames=60)
    assert previewed(content[: len(content) // 2], "video/mp4")[1].size == (176, 144)


@pytest.mark.parametrize(("name", "codec"), [("with_exif.mov", "tiff"), ("without_key_frames.mkv", "vc2")])
def test_a_poster_needs_neither_known_side_data_nor_key_frames(name, codec):
    file, preview = previewed(draw(name, *FILM, "-c:v", codec, "-strict", "-2"), "video/mp4")
    assert preview.size == (file.width, file.height) == (320, 240)
    assert file.duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("name", "media_type", "inputs", "codec"),
    [
        ("a.mov", "video/quicktime", (*FILM, "-c:v", "png"), b"png "),
        ("a.m4a", "audio/mp4", (*SINE, "-c:a", "ac3"), b"ac-3"),
        ("a.mka", "audio/x-matroska", (*SINE, "-c:a", "libopus"), b"A_OPUS"),
    ],
)
def test_a_codec_that_nothing_here_reads_is_not_supported_and_not_damaged(name, media_type, inputs, codec):
    content = draw(name, *inputs).replace(codec, codec[:2] + b"zz" + codec[4:])
    assert "of this kind are not supported" in refused(content, media_type)
    assert not StoredFile.objects.get().warning


@pytest.mark.parametrize(("name", "media_type"), [("a.caf", "audio/x-caf"), ("a.w64", "audio/x-w64")])
def test_bytes_behind_a_sound_that_would_be_lengths_hide_nothing(name, media_type):
    file, _ = previewed(draw(name, *SINE) + b"\x7f" * 500, media_type)
    assert file.duration == pytest.approx(2, abs=0.1)


def test_sounds_that_were_joined_may_differ():
    low = draw("low.mp3", *SINE, "-ar", "8000", "-write_xing", "0")
    stereo = draw("stereo.mp3", *SINE, "-ac", "2", "-write_xing", "0", "-id3v2_version", "0")
    file, _ = previewed(low + stereo, "audio/mpeg")
    assert file.duration == pytest.approx(4, abs=0.3)


def test_a_video_without_its_index_says_so_on_its_page(as_ana, upload, segmind, work):
    content = a_video("mp4", "mpeg4", frames=60)
    results = upload(as_ana, ("half.mp4", content[: len(content) // 2]), ("whole.png", a_picture()))["results"]
    work()
    half, whole = (Asset.objects.get(pk=result["asset"]["id"]) for result in results)
    assert "damaged or incomplete" in half.stored_file.preview_error
    assert whole.stored_file.preview
    assert half.stored_file.preview_error in as_ana.get(half.get_absolute_url()).content.decode()
    assert half.stored_file.url
    assert whole.stored_file.url


def test_a_waveform_follows_the_loudness_and_the_duration_is_recorded():
    content = a_sound("wav", "pcm_s16le", rate=8000, loudness=[0.0] * 40 + [0.9] * 40)
    file, preview = previewed(content, "audio/wav")
    assert preview.size == (640, 240)
    assert preview.mode == "RGBA"
    drawn = [preview.crop((x, 0, x + 8, 240)).getchannel("A").getbbox() for x in (80, 560)]
    quiet, loud = (box[3] - box[1] for box in drawn)
    assert quiet < 12
    assert loud > 180
    assert file.duration == pytest.approx(80 * 1024 / 8000, abs=0.1)
    assert file.placeholder == ""


def test_long_audio_is_sampled():
    content = a_sound("wav", "pcm_s16le", rate=8000, loudness=[0.9] * 1600 + [0.0] * 1600)
    file, preview = previewed(content, "audio/wav")
    assert file.duration == pytest.approx(3200 * 1024 / 8000, abs=1)
    drawn = [preview.crop((x, 0, x + 8, 240)).getchannel("A").getbbox() for x in (80, 560)]
    assert drawn[0][3] - drawn[0][1] > 180
    assert drawn[1][3] - drawn[1][1] < 12


@pytest.mark.parametrize(
    ("name", "media_type", "inputs", "seconds"),
    [
        ("a.aac", "audio/aac", ("-f", "lavfi", "-i", SWELLING), 310),
        ("a.mpg", "video/mpeg", (*FILM, "-r", "25", "-f", "mpeg1video"), 2),
        ("a.mp3", "audio/mpeg", ("-f", "lavfi", "-i", SWELLING, "-q:a", "2", "-write_xing", "0"), 310),
    ],
)
def test_the_duration_of_a_stream_without_a_header_is_counted(name, media_type, inputs, seconds):
    file, _ = previewed(draw(name, *inputs), media_type)
    assert file.duration == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize("channels", [3, 8, 9, 11, 32])
def test_audio_of_any_number_of_channels_has_a_waveform(channels):
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((channels, 2, 44100, 0, "NONE", ""))
        sound.writeframes(bytes(44100 * channels * 2))
    file, _ = previewed(target.getvalue(), "audio/wav")
    assert file.duration == 1


@pytest.mark.parametrize("name", ["a.mov", "a.caf"])
def test_channels_may_be_in_an_unusual_order(name):
    file, _ = previewed(draw(name, *SINE, "-ac", "8", "-c:a", "pcm_s16be"), "audio/mp4")
    assert file.duration == pytest.approx(2, abs=0.1)


def test_a_video_without_images_gets_a_waveform():
    file, preview = previewed(a_sound("mp4", "aac"), "video/mp4")
    assert preview.mode == "RGBA"
    assert file.width is None
    assert file.duration


@pytest.mark.parametrize("media_type", ["video/mp4", "audio/mpeg"])
def test_a_playlist_posing_as_media_is_not_followed(tmp_path, media_type):
    path = tmp_path / "secret.ts"
    path.write_bytes(VIDEOS["ts"][1]())
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{path}\n#EXT-X-ENDLIST\n"
    for content in (hls, f"ffconcat version 1.0\nfile {path}\n"):
        assert "damaged" in refused(content.encode(), media_type)
