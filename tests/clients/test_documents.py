"""The examples in the pages about the API, the client and agents, one after the other as they stand there.

The first three scripts of docs/api.md have tests of their own.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import tomllib
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils import timezone
from mcp import Client, StdioServerParameters, stdio_client

from assets.models import Asset
from tests.browser.site import ROOT
from tests.clients.conftest import CLI
from tests.support.factories import a_picture, an_asset
from tests.support.programs import Program

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
    pytest.mark.slow,
]
SCRIPTS = ("Python", "Shell", "JavaScript")
# What is not run here, but has to be called in a way that exists.
SHIMS = {
    "assets": f'exec {shlex.join(CLI)} "$@"',
    "pip": f'cd {shlex.quote(str(ROOT))} && test -f "${{2%[*}}/pyproject.toml"',
    "curl": f'case "$2" in https://*) ;; *) exec {shutil.which("curl")} "$@" ;; esac',
    "claude": 'test "$1 $2" = "mcp add"',
}


class Block(NamedTuple):
    heading: str
    language: str
    text: str


def read_blocks(page: str) -> Iterator[Block]:
    heading = ""
    for found in re.finditer(
        r"^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL
    ):
        heading = found[1] or heading
        if found[2] and heading not in SCRIPTS:
            yield Block(heading, found[2], found[3])


@pytest.fixture
def here(tmp_path, monkeypatch, environment, site) -> dict[str, str]:
    """The folder that the examples speak of, as the current one, and the environment of what runs in it."""
    folder = tmp_path / "here"
    for name in ("a.png", "b.png", "film.mp4", "pictures/a.png", "pictures/c.png", "renders/1.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(a_picture(text=name[-5:]))
    monkeypatch.chdir(folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, line in SHIMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return environment | {"PATH": path}


@pytest.fixture
def fill(site, token, ana) -> Callable[[str], str]:
    """An example with the address, the token and the asset of this library."""
    asset = an_asset(owner=ana, title="A hero", tags=["hero", "draft"])
    Asset.objects.filter(pk=asset.pk).update(created_at=timezone.now() - timedelta(days=400))
    values = {"https://assets.example.com": site.url, "sal_…": token, "9f1c2a52-…": str(asset.pk), "SG_…": "SG_0"}
    values["/home/ana/renders"] = "renders"

    def fill(text: str) -> str:
        for name, value in values.items():
            text = text.replace(name, value)
        return text

    return fill


def run_shell(text: str, environment: dict[str, str], token: str, is_done: Callable[[], bool] = lambda: False) -> str:
    """Fails where a command does; what would go on for ever is interrupted when it is done."""
    command = ["bash", "-eu", "-o", "pipefail", "-c", text]
    Path("token.txt").write_text(f"{token}\n")
    with (
        Path("token.txt").open() as stdin,
        subprocess.Popen(
            command, env=environment, stdin=stdin, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
    ):
        while process.poll() is None and not is_done():
            time.sleep(0.05)
        was_running = process.poll() is None
        if was_running:
            os.killpg(process.pid, signal.SIGTERM)
        output = process.stdout.read()
    assert was_running or process.returncode == 0, output
    return output


def find_tools(command: str, arguments: list[str], environment: dict[str, str]) -> set[str]:
    """Those that the server at the other end of this command offers."""

    async def connect() -> set[str]:
        parameters = StdioServerParameters(command=command, args=arguments, env=environment)
        async with Client(stdio_client(parameters)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    return asyncio.run(connect())


@pytest.mark.usefixtures("_worker")
def test_the_readme_of_the_client(here, fill, token):
    names: dict[str, object] = {}
    for _, language, text in read_blocks("clients/python/README.md"):
        if language == "python":
            os.environ |= {name: here[name] for name in ("ASSETS_URL", "ASSETS_TOKEN")}
            exec(compile(fill(text), "README.md", "exec"), names)
        else:
            uploaded = Path("uploaded.jsonl")
            run_shell(fill(text), here, token, lambda file=uploaded: file.exists() and "\n" in file.read_text())
    assert Asset.objects.filter(trashed_at=None, tags__name="nightly").exists()
    assert Asset.objects.filter(tags__name="hero", collections__name="Launch").count() == 2
    assert Asset.objects.filter(tags__name="draft").exclude(trashed_at=None).exists()


def test_the_page_about_the_api(here, fill, token, ana):
    program = Program(token)
    asset = an_asset(owner=ana)
    asset.set_labels(collections=["Launch"])
    here |= {"ID": str(asset.pk), "ETAG": program.get(f"/assets/{asset.pk}")["etag"]}
    for heading, language, text in read_blocks("docs/api.md"):
        if language == "sh":
            answer = json.loads(run_shell(fill(text), here, token))
            assert "detail" not in answer, (heading, answer)
        elif language == "json":
            answer = program.post("/bulk", json.loads(text), content_type="application/json")
            assert answer.json()["examples"], answer.json()
        else:
            with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # tuspy closes no file
                exec(compile(fill(text), heading, "exec"), {"token": token})
    asset.refresh_from_db()
    assert asset.title == "Harbour at dawn"
    assert Asset.objects.filter(file_name="film.mp4", tags__name="launch").exists()


def test_the_page_about_agents(here, fill, token):
    servers = {}
    for _, language, text in read_blocks("docs/agents.md"):
        if language == "sh":
            run_shell(fill(text), here, token)
        if "claude mcp add" in text:
            words = shlex.split(fill(text))
            pairs = [words[place + 1].split("=", 1) for place, word in enumerate(words) if word == "-e"]
            command, *arguments = words[words.index("--") + 1 :]
            servers["Claude Code"] = {"command": command, "args": arguments, "env": dict(pairs)}
        elif language == "json":
            servers |= json.loads(fill(text))["mcpServers"]
        elif language == "toml":
            servers["Codex"] = tomllib.loads(fill(text))["mcp_servers"]["assets"]
    assert servers["Codex"] == servers["Claude Code"]
    for name in ("assets", "Codex"):
        server = servers[name]
        assert "upload_file" in find_tools(server["command"], server["args"], here | server["env"])
