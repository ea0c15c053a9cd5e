"""A library below a path of its host, such as `https://tools.example.com/library/`."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.urls import Resolver404, resolve


def without_prefix(application: WSGIApplication, prefix: str) -> WSGIApplication:
    """Takes the prefix off the paths of requests, as some proxies do before they pass them on."""
    if not prefix:
        return application

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if f"{path}/".startswith(f"{prefix}/") and not _is_ours(path):
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
        return application(environ, start_response)

    return call


def _is_ours(path: str) -> bool:
    """Whether a proxy has taken off the prefix, and the path that is left only begins like it: `/assets/<id>/`."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
