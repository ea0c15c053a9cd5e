"""The scripts in docs/api.md upload, wait, search and copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.factories import a_picture

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text()
PROGRAMS = {"Python": ("py", [sys.executable]), "Shell": ("sh", ["sh"]), "JavaScript": ("mjs", ["node"])}


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize("language", PROGRAMS)
def test_each_script_works(language, segmind, work, program, live_server, tmp_path):
    suffix, command = PROGRAMS[language]
    if not all(map(shutil.which, [*command, *(["curl", "jq"] if language == "Shell" else [])])):
        pytest.skip(f"nothing runs {language} here")
    script, picture = tmp_path / f"upload.{suffix}", tmp_path / "Harbour.png"
    script.write_text(re.search(rf"### {language}\n.*?```\w+\n(.*?)```", PAGE, re.DOTALL)[1])
    picture.write_bytes(a_picture())
    environment = {**os.environ, "ASSETS_URL": live_server.url, "ASSETS_TOKEN": program.secret}
    with subprocess.Popen([*command, script, picture], env=environment, stdout=subprocess.PIPE, text=True) as running:
        while running.poll() is None:
            work()
        output = running.stdout.read()
    assert running.returncode == 0, output
    url = program.get("/assets").json()["items"][0]["url"]
    assert output.startswith(f"{url}\nHarbour {url}\n---"), output
