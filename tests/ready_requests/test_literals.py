"""Values in the languages of requests mean what they mean in JSON, whatever is in them."""

import ast
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.ready_requests.body import is_plain
from assets.ready_requests.writers.literals import fill, write_json, write_python

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=[]))
values = st.recursive(
    scalars | texts, lambda parts: st.lists(parts, max_size=3) | st.dictionaries(texts, parts, max_size=3)
)


@given(values)
def test_a_value_survives_in_every_language(value):
    assert ast.literal_eval(write_python(value)) == value
    for indent in (None, 2):
        text = write_json(value, indent=indent)
        assert json.loads(text) == value
        assert not re.search("</|<!|[\u2028\u2029\u202e\x7f\ud800-\udfff]", text)
        assert indent or "\n" not in text
    text.encode()


def test_a_part_is_put_in_once():
    assert fill("\n@a@ and @b@", a="@b@", b="@a@") == "@b@ and @a@"


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}])
def test_numbers_that_json_lacks_are_recognised(value):
    assert not is_plain(value)
