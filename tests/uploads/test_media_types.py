import gzip
import time

import pytest

from assets.uploads import media_types
from assets.uploads.acceptance import is_accepted
from tests.support.media import EVERY_FORMAT, SVG


@pytest.mark.parametrize("ending", EVERY_FORMAT)
def test_every_format_is_recognised_by_its_content(ending):
    expected, made = EVERY_FORMAT[ending]
    assert media_types.detect(made()[: media_types.HEAD_BYTES]) == expected


@pytest.mark.parametrize(
    "head",
    [
        b"MZ" + bytes(300),
        b"#!/bin/sh\nrm -rf /\n",
        b"<!DOCTYPE html><html><svg></svg><script>alert(1)</script></html>",
        b"<?xml version='1.0'?><note><svg/></note>",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + b"0" * 100,
        gzip.compress(b"<html></html>", mtime=0),
        b"PK\x05\x06" + bytes(18),
        bytes(1000),
    ],
)
def test_other_content_is_not_accepted_by_default(head):
    assert not is_accepted(media_types.detect(head))


@pytest.mark.parametrize(
    "prolog", [b"", b"\xef\xbb\xbf", b"\n\n", b"<!DOCTYPE svg PUBLIC 'a' 'b'>", b"<!-- <html> -->"]
)
def test_an_svg_is_recognised_whatever_precedes_its_root(prolog):
    assert media_types.detect(prolog + SVG.partition(b"?>\n")[2]) == "image/svg+xml"


@pytest.mark.parametrize("before", [b"", b"\n", b"\xef\xbb\xbf", b"x" * 1015, bytes(1000), b"@echo off\r\n"])
def test_a_pdf_begins_where_readers_look_for_it(before):
    assert media_types.detect(before + b"%PDF-1.7\n1 0 obj") == "application/pdf"


@pytest.mark.parametrize("before", [b"x" * 1024, b" " * 1025, bytes(3000)])
def test_what_begins_later_is_no_pdf(before):
    assert media_types.detect(before + b"%PDF-1.7\n1 0 obj") != "application/pdf"


def test_a_prolog_that_is_made_to_be_slow_is_not_an_svg():
    assert media_types.detect(b"<!-- " * 10_000) != "image/svg+xml"


@pytest.mark.parametrize("blank", [b" ", b"\n", b"\t \r", b"\x05"])
def test_a_file_of_blanks_is_recognised_as_fast_as_any_other(blank):
    def measure(head: bytes) -> float:
        start = time.process_time()
        assert media_types.detect(head[: media_types.HEAD_BYTES]) == "text/plain"
        return time.process_time() - start

    other = max(measure(b"a" * media_types.HEAD_BYTES) for _ in range(3))
    assert min(measure(blank * media_types.HEAD_BYTES) for _ in range(3)) < 20 * other
