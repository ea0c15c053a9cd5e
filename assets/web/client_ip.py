"""Who sent a request: the forwarded headers of trusted proxies are believed, and nobody else's."""

import ipaddress
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK = "127.0.0.1"


def client_ip(request: HttpRequest) -> str | None:
    """The client's IP address. None if the proxy is a Unix socket or a program that does not report one."""
    address = read_address(request.META.get("REMOTE_ADDR", ""))
    return str(address) if address else None


def is_trusted_proxy(address: IPAddress | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def find_client(forwarded: Iterable[str]) -> IPAddress | None:
    """The last address of `X-Forwarded-For` that is not a trusted proxy: what stands before it, anybody can claim.

    If all are trusted, the first. None if the trusted proxies report something that is not an address.
    """
    address = None
    for address in map(read_address, reversed(list(forwarded))):
        if not is_trusted_proxy(address):
            break
    return address


def read_address(text: str) -> IPAddress | None:
    """An address with or without port, brackets and zone; an IPv4 address that is written as IPv6 becomes IPv4."""
    for candidate in _without_port(text.strip()):
        try:
            address = ipaddress.ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        return getattr(address, "ipv4_mapped", None) or address
    return None


def _without_port(text: str) -> Iterator[str]:
    yield text
    if text.startswith("["):
        yield text[1:].partition("]")[0]
    elif text.count(":") == 1:
        yield text.partition(":")[0]
