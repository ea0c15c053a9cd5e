"""What the played Segmind server answers: the documented response, and every fault that has a name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.segmind_server import Handler, Received

Reply = Callable[["Handler", "Received"], None]


def stored(handler: "Handler", received: "Received") -> None:
    """The documented answer."""
    urls = [handler.store(media_type, content) for media_type, content in received.files]
    handler.answer(200, {handler.segmind.answer_name: urls, "message": "ok"})


def error(status: int, message: str = "trouble", **headers: str) -> Reply:
    return lambda handler, received: handler.answer(
        status, {"error": message}, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def raw(status: int, body: bytes, content_type: str = "text/html", **headers: str) -> Reply:
    def reply(handler: "Handler", received: "Received") -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send(status, body, {"content-type": content_type, **names})

    return reply


def urls(*addresses: str) -> Reply:
    return lambda handler, received: handler.answer(200, {"file_urls": list(addresses)})


def stored_out_of_order(handler: "Handler", received: "Received") -> None:
    """The URLs of the files, in the reverse order."""
    urls = [handler.store(media_type, content) for media_type, content in received.files]
    handler.answer(200, {"urls": urls[::-1]})


def one_url_less(handler: "Handler", received: "Received") -> None:
    """Stores every file, and answers all URLs but the last."""
    urls = [handler.store(media_type, content) for media_type, content in received.files]
    handler.answer(200, {"urls": urls[:-1]})


def refuses(bad: bytes) -> Reply:
    """400 for every request that has this content among its files."""

    def reply(handler: "Handler", received: "Received") -> None:
        if any(content == bad for _, content in received.files):
            handler.answer(400, {"error": "Invalid image"})
        else:
            stored(handler, received)

    return reply


def cuts_after_storing(handler: "Handler", received: "Received") -> None:
    """Stores, and hangs up without an answer."""
    for media_type, content in received.files:
        handler.store(media_type, content)
    handler.hang_up()


def hangs_up(handler: "Handler", received: "Received") -> None:
    handler.hang_up()


def waits(handler: "Handler", received: "Received") -> None:
    """Says nothing until the test lets go, or the client hangs up."""
    handler.segmind.released.wait(30)


def drips(handler: "Handler", received: "Received | None") -> None:
    """One byte of the header at a time, for ever."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not handler.segmind.released.wait(0.05):
            handler.wfile.write(b".")
            handler.wfile.flush()
    except OSError:
        pass
    handler.close_connection = True


def resets_before_the_body(handler: "Handler") -> None:
    handler.reset()


def resets_during_the_body(handler: "Handler") -> None:
    handler.rfile.read(1000)
    handler.reset()


def stalls_during_the_body(handler: "Handler") -> None:
    handler.rfile.read(1000)
    handler.segmind.released.wait(30)
    handler.close_connection = True


def reads_slowly(handler: "Handler") -> None:
    """Takes a little now and then; in the end it has everything."""
    body = b""
    while len(body) < int(handler.headers["content-length"]):
        body += handler.rfile.read1(8 * 1024)
        handler.segmind.released.wait(0.02)
    handler.answer(200, {"file_urls": [handler.store("image/png", body)]})


def refuses_before_the_body(handler: "Handler") -> None:
    """413 at once, and the rest of the body is not wanted."""
    handler.send(413, b"<h1>Request Entity Too Large</h1>", {"connection": "close"})
    handler.close_connection = True
