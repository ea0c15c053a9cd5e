"""Firefox as it comes, through WebDriver BiDi."""

import base64
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from websocket import create_connection

from tests.engines.hands import MODIFIERS, Hands

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")

# For its start, and for the slowest command, on a machine that has much to do.
PATIENCE = 60


class FirefoxError(Exception):
    """What Firefox says is wrong with a command."""


class Firefox:
    """A process with one session. Each page is in a container of its own, with its own cookies."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._last_id = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        command = [PROGRAM, "--headless", "--no-remote", "--profile", self._profile, "--remote-debugging-port=0"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._connect()
        except BaseException:
            self._process.terminate()
            raise
        return self

    def _connect(self) -> None:
        self._socket = create_connection(f"{self._find_address()}/session", timeout=PATIENCE, suppress_origin=True)
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)

    def _find_address(self) -> str:
        written = self._profile / "WebDriverBiDiServer.json"
        for _ in range(10 * PATIENCE):
            if written.exists() and (text := written.read_text()):
                server = json.loads(text)
                return f"ws://{server['ws_host']}:{server['ws_port']}"
            time.sleep(0.1)
        raise AssertionError("Firefox did not start")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last_id += 1
        self._socket.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._last_id:
            self.events.append(answer)
        if answer["type"] == "error":
            raise FirefoxError(answer["message"])
        return answer["result"]


class FirefoxHands(Hands):
    def __init__(self, firefox: Firefox) -> None:
        self._firefox = firefox
        self._container = firefox.send("browser.createUserContext")["userContext"]
        created = firefox.send("browsingContext.create", type="tab", userContext=self._container)
        self._page = created["context"]
        self.resize(1280, 900)

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._firefox.send(method, context=self._page, **parameters)

    def close(self) -> None:
        self._firefox.send("browser.removeUserContext", userContext=self._container)
        self._firefox.events.clear()

    @property
    def console(self) -> list[str]:
        lines = [event["params"] for event in self._firefox.events if event.get("method") == "log.entryAdded"]
        return [line["text"] for line in lines if line["level"] in ("error", "warn")]

    def open(self, address: str) -> None:
        self._send("browsingContext.navigate", url=address, wait="complete")

    def reload(self) -> None:
        self._send("browsingContext.reload", wait="complete")

    def run(self, script: str) -> Any:
        """As JSON: BiDi's own notation names the type of each value."""
        result = self._evaluate(f"(async () => JSON.stringify((await (async () => {{ {script} }})()) ?? null))()")
        return json.loads(result["value"])

    def _evaluate(self, expression: str) -> dict[str, Any]:
        answer = self._firefox.send(
            "script.evaluate",
            expression=expression,
            target={"context": self._page},
            awaitPromise=True,
            userActivation=True,
        )
        if "exceptionDetails" in answer:
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return answer["result"]

    def _find(self, selector: str) -> dict[str, Any]:
        found = self._evaluate(f"document.querySelector({json.dumps(selector)})")
        assert found["type"] == "node", f"{selector} is not on the page"
        return {"sharedId": found["sharedId"]}

    def click(self, selector: str, *held: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{ block: 'nearest' }})")
        self._perform("keyDown", *held)
        origin = {"type": "element", "element": self._find(selector)}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._send("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": actions}])
        self._perform("keyUp", *held)

    def press(self, *keys: str) -> None:
        held = [key for key in keys if key in MODIFIERS]
        self._perform("keyDown", *held)
        for letter in "".join(key for key in keys if key not in MODIFIERS):
            self._perform("keyDown", letter)
            self._perform("keyUp", letter)
        self._perform("keyUp", *held)

    def _perform(self, kind: str, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys]
        self._send("input.performActions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def choose(self, selector: str, file: Path) -> None:
        self._send("input.setFiles", element=self._find(selector), files=[str(file)])

    def resize(self, width: int, height: int) -> None:
        self._send("browsingContext.setViewport", viewport={"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._send("browsingContext.captureScreenshot", origin="document")["data"]))
