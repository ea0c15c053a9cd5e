"""Previews of SVG and PDF files."""

import gzip

import pytest

from assets.models import StoredFile
from assets.previews.makers import TOO_COMPLEX
from assets.previews.render import render_preview
from tests.previews.checks import is_near, previewed, refused
from tests.support.factories import a_stored_file
from tests.support.media import RED, WHITE, a_pdf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database, pytest.mark.slow]


SCRIPTED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20" onload="alert(1)">'
    b"<script>alert(1)</script><rect width='9' height='9'/></svg>"
)


@pytest.mark.parametrize("content", [SCRIPTED, gzip.compress(SCRIPTED, mtime=0)], ids=["svg", "svgz"])
def test_an_svg_is_served_unchanged_with_nothing_in_it_able_to_run(as_ana, upload, segmind, work, content):
    (result,) = upload(as_ana, ("x.svg", content))["results"]
    work()
    answer = as_ana.get(f"/assets/{result['asset']['id']}/preview/")
    assert answer.getvalue() == SCRIPTED
    assert answer["content-type"] == "image/svg+xml"
    assert answer["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["x-content-type-options"] == "nosniff"
    file = StoredFile.objects.get()
    assert (file.width, file.height) == (30, 20)


EMPTY_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" %s></svg>'


@pytest.mark.parametrize("encoding", ["shift_jis", "euc-jp", "windows-1252", "ISO-8859-1", "utf-8"])
def test_an_svg_may_be_in_any_encoding(encoding):
    text = f"""<?xml version="1.0" encoding="{encoding}"?><!-- {"é" if "-1" in encoding else "ポ"} -->"""
    content = text.encode(encoding) + EMPTY_SVG % b'width="3" height="2"'
    file = a_stored_file(content=content, media_type="image/svg+xml")
    assert render_preview(file)
    assert StoredFile.objects.get(pk=file.pk).width == 3


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        (b'width="120.4px" height=" 90 "', (120, 90)),
        (b'width="100%" height="50%" viewBox="0,0,300,200"', (300, 200)),
        (b'width="0" height="0"', (None, None)),
        (b"", (None, None)),
    ],
)
def test_an_svg_has_the_size_it_declares(attributes, size):
    file = a_stored_file(content=EMPTY_SVG % attributes, media_type="image/svg+xml")
    assert render_preview(file)
    file = StoredFile.objects.get(pk=file.pk)
    assert (file.width, file.height) == size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (EMPTY_SVG % b"" + b" " * 1_000_000, "over the 1 MB limit"),
        (gzip.compress(EMPTY_SVG % b"" + b" " * 50_000_000, mtime=0), "over the 1 MB limit"),
        (gzip.compress(SCRIPTED, mtime=0)[:40], "cannot be read to the end"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><g></svg>", "cannot be read to the end"),
        (b"<svg><rect/></svg>", "namespace"),
    ],
    ids=["too large", "a bomb", "a truncated svgz", "broken", "no namespace"],
)
def test_an_svg_that_browsers_cannot_show_says_why(content, words):
    assert words in refused(content, "image/svg+xml")


AN_SVG = b'%s<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">%s</svg>'
BLUR = b'<filter id="f"><feGaussianBlur stdDeviation="%s"/></filter><path filter="url(#f)"/>'


@pytest.mark.parametrize(
    "content",
    [
        AN_SVG % (b"", BLUR % b"5 5000"),
        AN_SVG % (b"", BLUR % b"1e99"),
        AN_SVG % (b"", b"<g/>" * 60_000),
        AN_SVG % (b'<!DOCTYPE svg [<!ENTITY e "%s">]>' % (b"<g/>" * 500), b"&e;" * 200),
        AN_SVG % (b'<!DOCTYPE svg [<!ENTITY e "%s">]>' % (b"x" * 50_000), b"&e;" * 500),
    ],
    ids=["a wide blur", "an endless blur", "many elements", "many from an entity", "an entity bomb"],
)
def test_an_svg_that_would_keep_browsers_busy_has_no_preview(content):
    assert refused(content, "image/svg+xml") == TOO_COMPLEX


def test_an_svg_with_an_ordinary_filter_and_the_header_of_drawing_programs_has_one():
    doctype = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY ns "http://www.w3.org/2000/svg">]>'
    file = a_stored_file(content=AN_SVG % (doctype, BLUR % b"40.5"), media_type="image/svg+xml")
    assert render_preview(file)


def test_a_pdf_shows_its_first_page():
    _, preview = previewed(a_pdf(), "application/pdf")
    assert preview.size == (640, 320)
    assert preview.getpixel((320, 160))[:2] != (255, 255)
    assert is_near(preview.getpixel((320, 160)), RED)
    assert is_near(preview.getpixel((5, 5)), WHITE)
