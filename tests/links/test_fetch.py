"""Stored URLs are fetched without trusting their hosts."""

import socket
import threading

import pytest

from assets.links import addresses, fetch
from assets.models import LinkStatus
from tests.links.conftest import statuses
from tests.support.factories import a_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


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
    "address",
    [
        "10.0.0.5", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "192.0.0.1",
        "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00::1", "ff02::1",
        "::ffff:10.0.0.5", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::a00:5", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
        "2002:a00:5::1", "2002:808:808::1", "2001:0:a00:5::1", "2001:db8::1", "3fff::1", "100::1", "", "localhost",
        "2606:4700:4700::5efe:10.0.0.1", "2606:4700:4700::200:5efe:10.0.0.1", "2606:4700:4700::300:5efe:127.0.0.1",
        "fe80::5efe:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1:a00:5::", "100:0:0:1::1", "2001:2::1", "2001:10::1",
        "2001:20::1", "2001:30::1", "2001:4:112::1", "2620:4f:8000::1", "192.175.48.1", "4000::1", "5f00::1",
        "fe80::", "198.51.100.1", "203.0.113.1", "25.0.0.256",
    ],
)  # fmt: skip
def test_an_address_that_is_not_one_of_the_public_internet_is_not_contacted(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888"])
def test_public_addresses_may_be_contacted(address):
    assert addresses.is_public(address)


def test_an_address_inside_this_network_is_not_even_connected_to():
    """A name that leads there gets nothing, not a TLS greeting either."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with pytest.raises(OSError, match="no address that may be contacted"):
            addresses.connect("localhost", server.getsockname()[1], may_contact=addresses.is_public, timeout=1)
        with pytest.raises(TimeoutError):
            server.accept()


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


def test_a_large_file_gets_the_time_that_it_takes_over_an_ordinary_line(segmind, stored, settings, monkeypatch):
    (file,) = stored(1)
    settings.LINK_TIMEOUT = 20
    monkeypatch.setattr(fetch, "MAX_READ_SECONDS", 0.2)
    monkeypatch.setattr(fetch, "MIN_BYTES_PER_SECOND", file.size / 5)
    segmind.on_serve = lambda handler: threading.Event().wait(0.5)
    assert fetch.fetch_sha256(file.url, max_bytes=file.size) == file.sha256
    with pytest.raises(fetch.UnreachableError):
        fetch.fetch_info(file.url)
