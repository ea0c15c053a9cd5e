"""Every form of a request is run, against a server that plays Segmind: what arrives is the body, whatever is in it."""

import json
import re

import pytest

from assets.catalogue.specs import FileInput, ModelSpec, Parameter
from assets.ready_requests.body import Chosen, build_body
from assets.ready_requests.call import Call
from assets.ready_requests.formats import FORMATS, write_all
from tests.ready_requests.running import NODE, run
from tests.support.segmind_models import KEY, PICTURE, ModelServer

SPEC = ModelSpec(
    slug="seedance-2.0",
    title="Seedance 2.0",
    output="image",
    inputs=(
        FileInput(name="reference_images", kind="image", is_list=True),
        FileInput(name="audio", kind="audio"),
    ),
    parameters=(
        Parameter(name="prompt", required=True),
        Parameter(name="seed", type="integer"),
        Parameter(name="generate_audio", type="boolean"),
        Parameter(name="mask", type="object"),
    ),
)
HOSTILE = (
    "Mira's \"hat\" `id` $(id) ${HOME} \\n \\ %s {0} {{ $json.x }}\r\nJSON\nASSETS\n<!-- </script> ]]> ' \u2028 \u202e"
    " ünï 🐈 \x7f \x00 #!"
)
URLS = ["https://images.segmind.com/a'b\"c(d)e\\f?x=1&y=</script>#z", "https://images.segmind.com/$(id)`id`/ана.png"]
VALUES = {
    "prompt": HOSTILE, "seed": 7, "generate_audio": True, "mask": {"a": [1, 2.5, None, False, {}, []]}
}  # fmt: skip
CHOSEN = [Chosen("reference_images", URLS[0]), Chosen("audio", URLS[1]), Chosen("reference_images", URLS[1])]
RUN = [
    "curl",
    "python",
    "segmind",
    pytest.param("javascript", marks=pytest.mark.skipif(NODE is None, reason="needs node")),
]
every_language = pytest.mark.parametrize("name", RUN)


@pytest.fixture
def server():
    with ModelServer() as server:
        yield server


def write(name: str, values=VALUES, chosen=CHOSEN, **more) -> str:
    body = build_body(SPEC, chosen, values)
    return FORMATS[name].write(Call(SPEC.slug, body, SPEC.title, SPEC.output, **more))


@every_language
def test_it_submits_once_looks_until_it_is_done_and_shows_the_result(name, server, tmp_path):
    server.script.append(202)
    done = run(name, write(name), server, tmp_path)
    assert done.returncode == 0, done.stderr
    assert server.submitted == [("/v2/seedance-2.0", dict(build_body(SPEC, CHOSEN, VALUES).fields))]
    assert server.looks >= 3
    assert "/out.png" in done.stdout
    assert "Submitted: " in done.stdout + done.stderr


@every_language
def test_a_failed_job_says_why_and_is_not_sent_again(name, server, tmp_path):
    server.states = ("QUEUED", "FAILED")
    done = run(name, write(name), server, tmp_path)
    assert done.returncode != 0
    assert "mandatory" in done.stdout + done.stderr
    assert len(server.submitted) == 1


@every_language
@pytest.mark.parametrize("status", [406, None])
def test_a_refused_submit_is_not_repeated(name, status, server, tmp_path):
    server.script.append(status)
    done = run(name, write(name), server, tmp_path)
    assert done.returncode != 0
    assert len(server.submitted) == 1
    assert server.looks == 0
    if status and name != "segmind":
        assert f"refused with {status}" in done.stdout + done.stderr


@every_language
def test_nothing_is_sent_without_a_key_or_with_a_blank(name, server, tmp_path):
    assert run(name, write(name), server, tmp_path, key=None).returncode != 0
    # The SDK asks without a key.
    server.submitted.clear()
    blank = write(name, values={})
    assert '"prompt": "REPLACE: prompt"' in blank
    done = run(name, blank, server, tmp_path)
    assert done.returncode != 0
    assert "REPLACE" in done.stderr
    assert server.submitted == []
    # Once it is filled in, nothing else is in the way.
    filled = blank.replace('"REPLACE: prompt"', '"A harbour"')
    assert run(name, filled, server, tmp_path).returncode == 0
    assert server.submitted[0][1]["prompt"] == "A harbour"


@every_language
def test_version_1_saves_what_comes(name, server, tmp_path):
    done = run(name, write(name, version="v1"), server, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path for path, _ in server.submitted] == ["/v1/seedance-2.0"]
    assert (tmp_path / "result.png").read_bytes() == PICTURE
    server.script.append(406)
    assert run(name, write(name, version="v1"), server, tmp_path).returncode != 0
    assert len(server.submitted) == 2


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_no_text_has_a_key_or_ends_a_script_element(version):
    call = Call(SPEC.slug, build_body(SPEC, CHOSEN, VALUES), "A </script> title", "video", version)
    for name, text in write_all(call).items():
        assert not re.search(r"SG_[0-9a-f]{16}", text)
        assert KEY not in text
        assert "</script" not in text, name
        assert not re.search("[\u2028\u202e\x7f]", text), name


def test_n8n_gets_a_workflow_whose_nodes_lead_to_each_other():
    workflow = json.loads(write("n8n"))
    nodes = {node["name"]: node for node in workflow["nodes"]}
    targets = {to["node"] for steps in workflow["connections"].values() for outlet in steps["main"] for to in outlet}
    assert targets | set(workflow["connections"]) <= set(nodes)
    assert targets == {"Submit", "Wait", "Status", "Still running?", "Result"}
    submit = nodes["Submit"]["parameters"]
    assert (submit["url"], submit["genericAuthType"]) == ("https://api.segmind.com/v2/seedance-2.0", "httpHeaderAuth")
    assert json.loads(submit["jsonBody"]) == dict(build_body(SPEC, CHOSEN, VALUES).fields)
    # An expression would begin with this, and the braces in the prompt would be one.
    assert not submit["jsonBody"].startswith("=")
    assert all("credentials" not in node for node in workflow["nodes"])


def test_n8n_refuses_a_body_with_blanks():
    workflow = json.loads(write("n8n", values={}))
    (submit,) = [node for node in workflow["nodes"] if node["name"] == "Submit"]
    assert "<<REPLACE: prompt" in submit["parameters"]["jsonBody"]
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(submit["parameters"]["jsonBody"])


def test_pixelflow_gets_a_node_for_each_file():
    nodes = json.loads(write("pixelflow"))
    assert nodes["REPLACE: node for reference_images 1"] == URLS[0]
    assert nodes["REPLACE: node for reference_images 2"] == URLS[1]
    assert nodes["REPLACE: node for audio"] == URLS[1]
