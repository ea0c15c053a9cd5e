"""Stored URLs are fetched without trusting their hosts."""

import threading

import pytest

from assets.links import fetch
from assets.models import LinkStatus
from tests.links.conftest import statuses
from tests.support.factories import a_picture

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_redirect_is_not_followed(as_ana, upload, segmind, work):
    segmind.host_status = 302
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert statuses() == [LinkStatus.UNREACHABLE]
    assert "/elsewhere" not in [path for _, path, _ in segmind.asked]


@pytest.mark.parametrize("url", ["https://evil.example/1", "file:///etc/passwd", "http://images.segmind.com/1", ""])
def test_only_allowed_hosts_are_contacted(url):
    with pytest.raises(fetch.UnreachableError):
        fetch.fetch_info(url)


@pytest.mark.parametrize(
    ("address", "public"), [("10.0.0.5", False), ("127.0.0.1", False), ("::1", False), ("8.8.8.8", True)]
)
def test_an_address_inside_this_network_is_never_public(address, public):
    assert fetch._is_public(address, "images.segmind.com") is public


def test_loopback_addresses_are_not_contacted_in_production(segmind, settings):
    segmind.stored["/assets/x"] = ("text/plain", b"inside")
    assert fetch.fetch_range(f"{segmind.address}/assets/x", 0, 6) == b"inside"
    settings.DEBUG = False
    settings.SEGMIND_ASSET_HOSTS = ["127.0.0.1"]
    with pytest.raises(fetch.UnreachableError):
        fetch.fetch_range(f"{segmind.address}/assets/x", 0, 6)


def test_a_response_that_never_ends_is_cut_off(segmind, stored, monkeypatch):
    (file,) = stored(1)
    monkeypatch.setattr(fetch, "MAX_READ_SECONDS", 0.3)
    segmind.drip(file.url)
    ended = threading.Event()

    def ask():
        with pytest.raises(fetch.UnreachableError):
            fetch.fetch_info(file.url)
        ended.set()

    threading.Thread(target=ask).start()
    assert ended.wait(10)
