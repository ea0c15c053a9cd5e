"""A host that answers with any bytes at all, as a hostile one would."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[], Iterator[bytes]]


class RawServer:
    """Each answer is for the path of the same name. `sent` counts the bytes that were taken from this host."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.sent = 0
        self._socket = socket.create_server(("127.0.0.1", 0))

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/{path}"

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the reader went away
            path = connection.recv(65536).split(b" ", 2)[1].decode().strip("/")
            for piece in self.answers.get(path, lambda: iter(()))():
                connection.sendall(piece)
                self.sent += len(piece)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[RawServer]:
    server = RawServer(answers)
    threading.Thread(target=server.serve, daemon=True).start()
    yield server
    server.close()
