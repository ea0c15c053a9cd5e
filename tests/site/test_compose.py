"""compose.yaml, as far as it can be tried without Docker: its containers are closed, and get every setting."""

import ipaddress
import os
import re
import subprocess
import sys
import time

import pytest
import yaml

from tests.site.test_settings import PRODUCTION, ROOT
from tests.worker.test_worker import database_url, until

COMPOSE = (ROOT / "compose.yaml").read_text()
ENV_FILE = {
    "DOMAIN": "library.example.com",
    "POSTGRES_PASSWORD": "p@ss/w$rd#?%41:[x]",
    "SECRET_KEY": PRODUCTION["SECRET_KEY"],
    "SEGMIND_API_KEY": PRODUCTION["SEGMIND_API_KEY"],
    # Of `make run`, which uses the same file.
    "DEBUG": "true",
    "DATABASE_URL": "sqlite:///somewhere.sqlite3",
    "MEDIA_ROOT": "somewhere",
    "TIME_ZONE": "Europe/Berlin",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}")


def interpolate(text: str) -> str:
    """As Docker Compose does, from the inside out."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        assert kind != "?" or ENV_FILE.get(name), f"{name}: {default}"
        return ENV_FILE.get(name) or default or ""

    while VARIABLE.search(text):
        text = VARIABLE.sub(value, text)
    return text.replace("$$", "$")


SERVICES = yaml.safe_load(COMPOSE)["services"]
OURS = ("web", "worker", "migrate", "backup")


def environment(service: str) -> dict[str, str]:
    """What the processes of this container see."""
    assert SERVICES[service]["env_file"] == ".env"
    return ENV_FILE | {name: interpolate(value) for name, value in SERVICES[service]["environment"].items()}


@pytest.mark.any_database
@pytest.mark.parametrize("service", SERVICES)
def test_every_container_is_closed_and_limited(service):
    container = SERVICES[service]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container.get("cap_add", []) == (["NET_BIND_SERVICE"] if service == "proxy" else [])
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    assert container["logging"]["options"]["max-size"]


@pytest.mark.any_database
def test_only_the_proxy_can_be_reached_and_only_the_web_from_it():
    assert [name for name, container in SERVICES.items() if "ports" in container] == ["proxy"]
    assert [name for name, container in SERVICES.items() if "proxy" in container["networks"]] == ["proxy", "web"]
    assert yaml.safe_load(COMPOSE)["networks"]["database"]["internal"] is True


@pytest.mark.any_database
@pytest.mark.slow
@pytest.mark.parametrize("service", OURS)
def test_every_setting_of_the_env_file_reaches_the_application(service, tmp_path):
    code = (
        "from django.conf import settings as s; import json; d = s.DATABASES['default']; print(json.dumps([s.DEBUG, "
        "d['ENGINE'], d['USER'], d['PASSWORD'], d['HOST'], s.ALLOWED_HOSTS[0], s.TIME_ZONE, "
        "str(s.TRUSTED_PROXIES[-1]), str(s.MEDIA_ROOT)]))"
    )
    seen = environment(service)
    media_root = seen["MEDIA_ROOT"]
    assert f"files:{os.path.dirname(media_root)}" in SERVICES[service]["volumes"]  # noqa: PTH120  (in the container)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    seen |= {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "MEDIA_ROOT": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=seen, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    network = interpolate(yaml.safe_load(COMPOSE)["networks"]["proxy"]["ipam"]["config"][0]["subnet"])
    engine = "django.db.backends.postgresql"
    assert yaml.safe_load(done.stdout) == [
        False, engine, "library", ENV_FILE["POSTGRES_PASSWORD"], "database", ENV_FILE["DOMAIN"], "Europe/Berlin",
        str(ipaddress.ip_network(network)), str(tmp_path),
    ]  # fmt: skip


@pytest.mark.any_database
def test_the_proxy_and_the_database_get_nothing_but_their_own():
    assert {name: interpolate(value) for name, value in SERVICES["proxy"]["environment"].items()} == {
        "SITE_ADDRESS": "library.example.com"
    }
    assert not {"env_file"} & (SERVICES["proxy"].keys() | SERVICES["database"].keys())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_health_check_of_the_worker_notices_one_that_has_stopped(tmp_path):
    workers = tmp_path / "media/workers"
    check = interpolate(SERVICES["worker"]["healthcheck"]["test"][1]).replace("/app/var/media/workers", str(workers))

    def is_healthy() -> bool:
        return subprocess.run(["sh", "-c", check], capture_output=True).returncode == 0

    assert not is_healthy()
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url(), "TEST_FOLDER": str(tmp_path)}
    command = [sys.executable, "manage.py", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, "PYTEST_XDIST_WORKER": ""})
    try:
        until(is_healthy)
        [file] = workers.iterdir()
        long_ago = time.time() - 300
        os.utime(file, (long_ago, long_ago))
        assert not is_healthy()
        until(is_healthy)  # its next heartbeat
    finally:
        worker.terminate()
        worker.wait()
    assert not is_healthy()
