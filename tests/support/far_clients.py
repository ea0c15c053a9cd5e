"""The application as many clients use it: each request comes from another network, so that no limit for one is met."""

import random
from collections.abc import Iterable
from typing import TYPE_CHECKING

from segmind_site.wsgi import application as library

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    environ["REMOTE_ADDR"] = f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::1"
    return library(environ, start_response)
