"""Which IP addresses a link may lead to: those of the public Internet, and only by themselves.

Some addresses look public and lead elsewhere: they carry an IPv4 address that a gateway or this machine would take out
(NAT64, 6to4, Teredo, ISATAP, mapped ones), or are not those of one host (multicast).
"""

import ipaddress
import socket
from collections.abc import Callable

_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry
_SPECIAL_6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)
# What is special and counts as global, or does in some versions of Python.
_SPECIAL_4 = tuple(
    map(
        ipaddress.IPv4Network,
        ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "192.31.196.0/24", "192.175.48.0/24"),
    )
)
# The third quarter of such an address is 0:5efe or 200:5efe: https://www.rfc-editor.org/rfc/rfc5214#section-6.1
_ISATAP, _ISATAP_MASK = 0x0000_5EFE, 0xFCFF_FFFF


def is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        is_special = _is_isatap(ip) or any(ip in network for network in _SPECIAL_6)
        return ip in _UNICAST_6 and ip.is_global and not is_special
    is_reserved = ip.is_multicast or ip.is_reserved or any(ip in network for network in _SPECIAL_4)
    return ip.is_global and not is_reserved


def _is_isatap(ip: ipaddress.IPv6Address) -> bool:
    return int(ip) >> 32 & _ISATAP_MASK == _ISATAP


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def connect(
    host: str, port: int, *, may_contact: Callable[[str], bool], timeout: float, need_all: bool = False
) -> socket.socket:
    """A connection to the first address of a host that answers, among those that may be contacted.

    The name is looked up once, so that it cannot lead elsewhere between the check and the connection. With `need_all`,
    one address that may not be contacted is enough to contact none. Raises OSError.
    """
    error = OSError(f"{host} has no address that may be contacted.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a name that cannot be one, such as with a part of more than 63 characters
        raise error from None
    if need_all and not all(may_contact(str(address[0])) for *_, address in found):
        raise error
    for family, kind, protocol, _, address in found:
        if may_contact(str(address[0])):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(timeout)
                sock.connect(address)
            except OSError as failure:
                sock.close()
                error = failure
            else:
                return sock
    raise error
