"""What a decoder that was taken over could reach: nothing, with all layers together and with each alone."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from assets import checks
from assets.previews import limited_process

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="confinement needs Linux"),
]

ROOT = Path(__file__).parents[2]
KEY = "SG_fedcba9876543210"
NOBODY = 65534
# Closes itself off with one layer or all, then tries what it must not be able to do.
PROBE = """
import json, os, socket, sys
layer, port, secret, *sys.path = sys.argv[1:]
from functools import partial
from assets.previews import confinement
from assets.previews.confinement import landlock, namespaces, privileges, seccomp
import resource, threading

code = os.path.join(os.path.dirname(secret), "code")
folders = ["/usr/lib", code]
layers = {
    "none": lambda: None,
    "all": partial(confinement.confine, folders),
    "network": namespaces.leave_network,
    "file system": lambda: (namespaces.leave_network(), namespaces.leave_file_system(folders)),
    "privileges": privileges.give_up,
    "landlock": lambda: (privileges.give_up(), landlock.restrict(folders)),
    "seccomp": lambda: (privileges.give_up(), seccomp.restrict()),
}

def connect(family, address):
    with socket.socket(family) as connection:
        connection.settimeout(2)
        connection.connect(address)

parent = os.getppid()
opened = os.open(secret, os.O_RDONLY)
attempts = {
    "environment": lambda: open(f"/proc/{parent}/environ", "rb").read(),
    "memory": lambda: open(f"/proc/{parent}/mem", "rb"),
    "secret": lambda: open(secret).read(),
    "write": lambda: open(f"{secret}-too", "w"),
    "truncate": lambda: os.truncate(secret, 0),
    "mode": lambda: os.chmod(secret, 0o777),
    "mode of an open file": lambda: os.chmod(opened, 0o777),
    "times": lambda: os.utime(secret),
    "connection": lambda: connect(socket.AF_INET, ("127.0.0.1", int(port))),
    "local socket": lambda: connect(socket.AF_UNIX, f"\\0asset-library-test-{port}"),
    "signal": lambda: os.kill(parent, 0),
    "limits": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
    "program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "library": lambda: os.listdir("/usr/lib"),
    "change of code": lambda: open(os.path.join(code, "new.py"), "w"),
    "thread": lambda: threading.Thread(target=int).start(),
}
try:
    layers[layer]()
except OSError as error:
    print(json.dumps({"refused": str(error)}))
    sys.exit()
done = []
for name, attempt in attempts.items():
    try:
        attempt()
        done.append(name)
    except OSError:
        pass
print(json.dumps({"done": done}))
"""
# A web or worker process, with a key in its environment as it started.
PARENT = """
import subprocess, sys
code, is_private, *arguments = sys.argv[1:]
sys.path.insert(0, arguments[-1])
from assets.previews.confinement.privileges import forbid_inspection
if is_private == "True":
    forbid_inspection()
command = [sys.executable, "-I", "-B", "-c", code, *arguments, *sys.path]
print(subprocess.run(command, env={}, capture_output=True, text=True, check=True).stdout)
"""


@pytest.fixture(params=["me", "nobody"])
def person(request) -> tuple[str, int | None]:
    """The Python and the user of the probe: tests run as root in a container, and as somebody else elsewhere."""
    if request.param == "me":
        return sys.executable, None
    if os.getuid() != 0:
        pytest.skip("only root may run a program as nobody")
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):  # in a folder that only root may read
            if not subprocess.run([python, "-c", "import assets"], cwd=ROOT, check=False, user=NOBODY).returncode:
                return python, NOBODY
    pytest.skip("no Python that nobody may use")


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        number = server.getsockname()[1]
        local.bind(f"\0asset-library-test-{number}")
        local.listen()
        yield number


@pytest.fixture
def media(person) -> Iterator[Path]:
    """A folder with an original of this person, and one with code that the process needs."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        original = Path(folder, "original")
        original.write_text("private")
        os.chown(original, person[1] or os.getuid(), -1)
        code = Path(folder, "code")
        code.mkdir()
        code.chmod(0o777)
        yield Path(folder)


@pytest.fixture
def reach(port, person, media):
    secret = media / "original"
    python, user = person

    def reach(layer: str, *, is_private: bool = True) -> set[str]:
        """What the probe could still do."""
        arguments = [PROBE, str(is_private), layer, str(port), str(secret), str(ROOT)]
        done = subprocess.run(
            [python, "-B", "-c", PARENT, *arguments],
            env={"SEGMIND_API_KEY": KEY, "PATH": os.environ["PATH"]},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=user,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        if reason := answer.get("refused"):
            pytest.skip(f"not on this machine: {reason}")
        return set(answer["done"])

    return reach


EVERYTHING = {
    "environment", "memory", "secret", "write", "truncate", "mode", "mode of an open file", "times", "connection",
    "local socket", "signal", "limits", "program", "library", "change of code", "thread",
}  # fmt: skip


def test_the_probe_would_find_everything(reach):
    assert reach("none", is_private=False) == EVERYTHING


def test_with_all_layers_nothing_can_be_reached(reach):
    assert reach("all") == {"library", "thread"}


@pytest.mark.parametrize(
    ("layer", "closed"),
    [
        ("network", {"connection", "local socket", "environment", "memory"}),
        ("file system", {"secret", "write", "change of code", "truncate", "mode", "times", "environment", "memory"}),
        ("privileges", {"environment", "memory"}),
        ("landlock", {"secret", "write", "change of code", "environment", "memory", "program"}),
        (
            "seccomp",
            {
                "connection",
                "local socket",
                "signal",
                "limits",
                "program",
                "truncate",
                "mode",
                "mode of an open file",
                "times",
            },
        ),
    ],
)
def test_each_layer_closes_its_part_alone(reach, layer, closed):
    assert not reach(layer) & closed


def test_the_system_check_is_quiet_only_if_nothing_is_left_open(settings):
    gaps = limited_process.find_gaps()
    assert bool(checks.check_limited_process()) == bool(gaps)
