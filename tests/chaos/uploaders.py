"""People who upload, whatever happens, and remember what they were promised."""

import hashlib
import io
import os
import random
import threading
import time

import requests
from PIL import Image

PAUSE = 0.5  # seconds
TIMEOUT = 20


class Uploader(threading.Thread):
    """Uploads new files, and now and then one again, until it is told to stop."""

    def __init__(self, address: str, username: str, password: str, seed: float) -> None:
        super().__init__(name=username, daemon=True)
        self.promised: set[str] = set()
        self.attempts = self.refused = 0
        self.stopping = threading.Event()
        self._address, self._credentials = address, {"username": username, "password": password}
        self._dice = random.Random(seed)
        self._sent: list[bytes] = []
        self._session: requests.Session | None = None

    def run(self) -> None:
        while not self.stopping.wait(PAUSE * self._dice.uniform(0.5, 1.5)):
            contents = [self._content() for _ in range(self._dice.choice([1, 1, 2, 5]))]
            try:
                self._upload(contents)
            except (requests.RequestException, ValueError):  # not there, or not JSON: nothing was promised
                self._session = None
                self.stopping.wait(1)

    def _content(self) -> bytes:
        if self._sent and self._dice.random() < 0.1:
            return self._dice.choice(self._sent)
        is_picture = self._dice.random() < 0.15
        # What is random from its first byte on begins like a picture now and then.
        content = (
            self._a_picture() if is_picture else bytes(16) + os.urandom(self._dice.choice([200, 5000, 5000, 60_000]))
        )
        self._sent.append(content)
        return content

    def _a_picture(self) -> bytes:
        target = io.BytesIO()
        Image.frombytes("RGB", (8, 8), os.urandom(192)).resize((64, 48)).save(target, "PNG")
        return target.getvalue()

    def _upload(self, contents: list[bytes]) -> None:
        session = self._session = self._session or self._sign_in()
        self.attempts += len(contents)
        answer = session.post(
            f"{self._address}/upload/",
            files=[("files", (f"{time.monotonic()}.bin", io.BytesIO(content))) for content in contents],
            headers={"accept": "application/json", "x-csrftoken": session.cookies["csrftoken"]},
            timeout=TIMEOUT,
        )
        results = answer.json()["results"] if answer.status_code in (200, 400) else []
        received = [result["status"] in ("received", "known") for result in results]
        self.refused += len(contents) - sum(received)
        self.promised |= {
            hashlib.sha256(content).hexdigest() for content, is_here in zip(contents, received, strict=False) if is_here
        }

    def _sign_in(self) -> requests.Session:
        session = requests.Session()
        page = f"{self._address}/accounts/login/"
        session.get(page, timeout=TIMEOUT).raise_for_status()
        token = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
        session.post(page, {**self._credentials, **token}, timeout=TIMEOUT).raise_for_status()
        return session
