"""Whose word counts for where a request comes from, and whether it came over HTTPS."""

import ipaddress
from collections.abc import Callable
from http.client import HTTPConnection

import pytest
from django.test import Client, RequestFactory

from assets.models import SignInAttempts
from assets.web.client_ip import client_ip
from segmind_site.middleware import TrustedProxyMiddleware
from tests.browser.site import Site
from tests.site.test_settings import PRODUCTION
from tests.support.caddy import Caddy


@pytest.fixture(autouse=True)
def _proxies(settings) -> None:
    settings.TRUSTED_PROXIES = [
        ipaddress.ip_network(text) for text in ("127.0.0.0/8", "::1", "10.1.0.0/16", "fd00::/8")
    ]


def seen(peer: str, *forwarded: str, **headers: str) -> str | None:
    """The client's address, as the application sees it."""
    if forwarded:
        headers["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    TrustedProxyMiddleware(lambda request: None)(request)
    return client_ip(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["6.6.6.6"], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6, 203.0.113.9", "10.1.7.7"], "203.0.113.9"),
        ("10.2.2.3", ["6.6.6.6"], "10.2.2.3"),
        ("127.0.0.1", ["10.1.9.9", "10.1.7.7"], "10.1.9.9"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("fd00::5", ["2001:DB8:0::7"], "2001:db8::7"),
        ("::ffff:127.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("127.0.0.1", ["[2001:db8::7]"], "2001:db8::7"),
        ("127.0.0.1", ["fe80::7%eth0"], "fe80::7"),
        ("127.0.0.1", ["203.0.113.9", " ", ""], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9", "<script>"], None),
        ("127.0.0.1", ["<script>", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["unknown"], None),
        ("127.0.0.1", ["1.2.3.4.5"], None),
        ("", ["203.0.113.9"], "203.0.113.9"),
        ("", [], None),
        ("fe80::7%eth0", [], "fe80::7"),
    ],
)
def test_the_last_address_that_is_no_trusted_proxy_counts_if_a_trusted_proxy_says_so(peer, forwarded, address):
    assert seen(peer, *forwarded) == address


def test_a_unix_socket_is_trusted_only_where_loopback_is(settings):
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.1.0.0/16")]
    assert seen("", "203.0.113.9") is None


@pytest.mark.django_db
def test_nobody_evades_throttling_or_locks_others_out_with_an_invented_address():
    for number in range(3):
        headers = {"x-forwarded-for": f"6.6.6.{number}"}
        sent = {"username": f"nobody{number}", "password": "wrong"}
        Client(REMOTE_ADDR="203.0.113.9").post("/accounts/login/", sent, headers=headers)
    assert sorted(SignInAttempts.objects.values_list("failures", flat=True)) == [1, 1, 1, 3]


@pytest.mark.parametrize(
    ("peer", "protocol", "is_secure"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "HTTPS", True),
        ("127.0.0.1", "http", False),
        ("127.0.0.1", "https, http", False),  # the last one is the proxy's own
        ("203.0.113.9", "https", False),
    ],
)
def test_only_a_trusted_proxy_can_say_that_a_request_came_over_https(client, settings, peer, protocol, is_secure):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/accounts/login/", REMOTE_ADDR=peer, headers={"x-forwarded-proto": protocol})
    assert (answer.status_code == 200) is is_secure


def test_a_forwarded_host_reaches_the_application_from_no_one(client, settings):
    settings.USE_X_FORWARDED_HOST = True
    answer = client.get("/healthz", REMOTE_ADDR="203.0.113.9", headers={"x-forwarded-host": "evil.example.com"})
    assert answer.wsgi_request.get_host() == "testserver"


@pytest.fixture
def start(request) -> Callable[..., Site]:
    """Starts the web process as it is deployed."""

    def start(**environment: str) -> Site:
        own = {"DJANGO_SETTINGS_MODULE": "segmind_site.settings", "DEBUG": "false"}
        site = Site(PRODUCTION | own | environment)
        request.addfinalizer(site.kill)
        site.start()
        return site

    return start


def status_of_the_first_page(port: int, headers: dict[str, str]) -> int:
    """302 leads to the sign-in page, 301 to HTTPS."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize(
    ("trusted", "headers", "status"),
    [
        ("", {"X-Forwarded-Proto": "https"}, 302),
        ("", {"X-Forwarded-Ssl": "on"}, 301),
        ("none", {"X-Forwarded-Proto": "https"}, 301),
        ("10.0.0.0/8", {"X-Forwarded-Proto": "https", "X-Forwarded-Protocol": "ssl"}, 301),
    ],
)
def test_gunicorn_leaves_it_to_the_application_whom_to_believe(start, trusted, headers, status):
    assert status_of_the_first_page(start(TRUSTED_PROXIES=trusted).port, headers) == status


@pytest.mark.slow
@pytest.mark.any_database
def test_the_shipped_proxy_replaces_what_clients_claim(start, tmp_path):
    with Caddy(start().port, tmp_path) as proxy:
        assert status_of_the_first_page(proxy.port, {"X-Forwarded-Proto": "https"}) == 301
