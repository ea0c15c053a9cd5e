"""Scripts of many requests, run against a server that plays Segmind: what is sent once is never sent again."""

import json
from pathlib import Path

import pytest

from assets.catalogue.specs import FileInput, ModelSpec, Parameter
from assets.ready_requests.batch import SCRIPTS, make_batch
from assets.ready_requests.body import build_body
from assets.ready_requests.call import Call
from tests.ready_requests.running import NODE, run
from tests.ready_requests.test_writers import HOSTILE
from tests.support.segmind_models import ModelServer

SPEC = ModelSpec(
    slug="upscale",
    title="Up\nscale",
    inputs=(FileInput(name="images", kind="image", is_list=True, required=True),),
    parameters=(Parameter(name="prompt", required=True),),
)
URLS = {f"asset-{number}": f"https://images.segmind.com/$({number})`'\"\\.png" for number in range(4)}
SCRIPT_NAMES = [
    "python",
    "bash",
    pytest.param("javascript", marks=pytest.mark.skipif(NODE is None, reason="needs node")),
]
every_script = pytest.mark.parametrize("name", SCRIPT_NAMES)


@pytest.fixture
def server():
    with ModelServer() as server:
        yield server


def write(name: str, prompt: str = HOSTILE) -> str:
    call = Call(SPEC.slug, build_body(SPEC, (), {"prompt": prompt} if prompt else {}), SPEC.title)
    return SCRIPTS[name].write(make_batch(call, "images", is_list=True, urls=URLS, rate=6000))


def results(folder: Path) -> dict[str, dict]:
    """The last line of each asset."""
    lines = [json.loads(line) for line in (folder / "upscale-batch-results.jsonl").read_text().splitlines()]
    return {line["asset"]: line for line in lines}


def sent(server: ModelServer) -> list[str]:
    return [body["images"][0] for _, body in server.submitted]


@every_script
def test_each_file_is_sent_once_however_often_the_script_runs(name, server, tmp_path):
    server.ends = {"$(2)": "FAILED"}
    for _ in range(2):
        done = run(name, write(name), server, tmp_path)
        assert done.returncode == 0, done.stderr
    assert sent(server) == list(URLS.values())
    assert server.submitted[0] == ("/v2/upscale", {"prompt": HOSTILE, "images": [URLS["asset-0"]]})
    assert [line["state"] for line in results(tmp_path).values()] == ["COMPLETED", "COMPLETED", "FAILED", "COMPLETED"]
    assert results(tmp_path)["asset-0"]["answer"]["output"].endswith("/out.png")
    assert "mandatory" in results(tmp_path)["asset-2"]["answer"]["error"]


@every_script
def test_what_is_refused_is_sent_again_and_what_may_have_arrived_is_not(name, server, tmp_path):
    server.script.extend([429, 202, 400, None])
    done = run(name, write(name), server, tmp_path)
    assert done.returncode != 0
    assert "No answer" in done.stderr
    # 429 was a matter of time.
    assert sent(server) == [URLS[f"asset-{number}"] for number in (0, 0, 1, 2)]
    assert [line["state"] for line in results(tmp_path).values()][1:] == ["REFUSED", "SENDING"]
    again = run(name, write(name), server, tmp_path)
    assert again.returncode == 0, again.stderr
    assert sent(server)[4:] == [URLS["asset-1"], URLS["asset-3"]]
    states = {pk: line["state"] for pk, line in results(tmp_path).items()}
    assert states == {f"asset-{number}": "COMPLETED" for number in (0, 1, 3)} | {"asset-2": "SENDING"}


@every_script
@pytest.mark.parametrize("status", [406, 500])
def test_it_stops_where_the_rest_would_be_refused_too(name, status, server, tmp_path):
    server.script.extend([status] * 4)
    done = run(name, write(name), server, tmp_path)
    assert done.returncode != 0
    assert "Stopped" in done.stderr
    assert len(server.submitted) == (3 if status == 500 else 1)


@every_script
def test_a_job_that_was_running_is_looked_for_and_not_sent_again(name, server, tmp_path):
    running = server.begin("asset-0")
    lines = [
        {"asset": "asset-0", "state": "SUBMITTED", "request_id": running},
        {"asset": "asset-1", "state": "SUBMITTED", "request_id": "forgotten"},
        {"asset": "asset-2", "state": "COMPLETED", "request_id": "1", "answer": {"state": "REFUSED"}},
    ]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (tmp_path / "upscale-batch-results.jsonl").write_text(text)
    done = run(name, write(name), server, tmp_path)
    assert done.returncode == 0, done.stderr
    assert sent(server) == [URLS["asset-3"]]
    assert [line["state"] for line in results(tmp_path).values()] == ["COMPLETED", "EXPIRED", "COMPLETED", "COMPLETED"]


@every_script
def test_nothing_is_sent_while_a_blank_is_left(name, server, tmp_path):
    done = run(name, write(name, prompt=""), server, tmp_path)
    assert done.returncode != 0
    assert "REPLACE" in done.stderr
    assert server.submitted == []
