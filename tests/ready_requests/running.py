"""Runs the text of a request as its reader would, against a server that plays Segmind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from assets.ready_requests.call import HOST
from tests.support.segmind_models import KEY, ModelServer

NODE = shutil.which("node")
COMMANDS = {
    "curl": ("bash", "request.sh"),
    "bash": ("bash", "request.sh"),
    "python": (sys.executable, "request.py"),
    "segmind": (sys.executable, "request.py"),
    "javascript": (NODE or "node", "request.mjs"),
}
# The pauses, which nobody waits for here.
PAUSES = {
    "sleep 2\n": "sleep 0.01\n",
    "time.sleep(2)": "time.sleep(0.01)",
    "interval=2": "interval=0.01",
    "resolve, 2000": "resolve, 10",
    "while sleep 5;": "while sleep 0.01;",
    "interval=1 #": "interval=0 #",
    "sleep 60;": "sleep 0.01;",
    "time.monotonic() + 5\n": "time.monotonic() + 0.01\n",
    "(60 if status": "(0.01 if status",
    "Date.now() + 5000": "Date.now() + 10",
    "? 60000 :": "? 10 :",
}


def run(
    name: str, text: str, server: ModelServer, folder: Path, *, key: str | None = KEY
) -> subprocess.CompletedProcess[str]:
    command, file = COMMANDS[name]
    text = text.replace(HOST, server.url).replace("SegmindClient(", f'SegmindClient(base_url="{server.url}/v1", ')
    for slow, quick in PAUSES.items():
        text = text.replace(slow, quick)
    (folder / file).write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "SEGMIND_API_KEY"}
    environment |= {"SEGMIND_API_KEY": key} if key else {}
    return subprocess.run(
        [command, file], cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
