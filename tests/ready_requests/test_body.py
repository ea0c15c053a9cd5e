"""What a model is sent: files in their fields and in their order, and blanks that nobody overlooks."""

from assets.catalogue.specs import FileInput, ModelSpec, Parameter
from assets.ready_requests.body import Chosen, build_body

SPEC = ModelSpec(
    slug="a-model",
    title="A model",
    inputs=(
        FileInput(name="face", kind="image", required=True),
        FileInput(name="references", kind="image", is_list=True, required=True),
        FileInput(name="music", kind="audio"),
    ),
    parameters=(
        Parameter(name="seed", type="integer", default=42),
        Parameter(name="prompt", required=True),
        Parameter(name="ratio", required=True, choices=("16:9", "1:1")),
        Parameter(name="steps", required=True, type="integer", default=20),
        Parameter(name="count", required=True, type="integer"),
    ),
)


def test_files_keep_their_order_and_lists_are_lists():
    chosen = [Chosen("references", "b"), Chosen("face", "a"), Chosen("references", "c"), Chosen("face", "d")]
    body = build_body(SPEC, chosen, {"prompt": "x", "ratio": "1:1", "count": 1})
    assert dict(body.fields) == {
        "prompt": "x", "ratio": "1:1", "steps": 20, "count": 1, "face": "a", "references": ["b", "c"]
    }  # fmt: skip
    assert list(body.fields)[-2:] == ["face", "references"]
    assert body.blanks == ()


def test_what_is_required_and_unknown_is_a_blank():
    body = build_body(SPEC, [Chosen("nowhere", "a")])
    assert dict(body.fields) == {
        "prompt": "REPLACE: prompt",
        "ratio": "REPLACE: ratio, one of 16:9, 1:1",
        "steps": 20,
        "count": "REPLACE: count (integer)",
        "face": "REPLACE: URL of an image",
        "references": ["REPLACE: URL of an image"],
    }
    assert body.blanks == ("prompt", "ratio", "count", "face", "references")


def test_what_is_optional_is_left_to_segmind_unless_it_is_given():
    given = {"prompt": "x", "ratio": "1:1", "count": 1, "seed": 0}
    assert build_body(SPEC, [], given).fields["seed"] == 0
    assert "seed" not in build_body(SPEC).fields
