"""JSON typed by a person: every ambiguity the Engine would forgive is refused."""

import pytest

from dockerui.services.errors import BadInput
from dockerui.services.strict_json import loads


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"Image": "a", "Image": "b"}', "given twice"),
        ('{"Memory": NaN}', "NaN"),
        ('{"Memory": Infinity}', "Infinity"),
        ('{"Memory": 9223372036854775808}', "64 bits"),
        ('{"Memory": 1' + "0" * 5000 + "}", "64 bits"),
        ("[" * 10_000, "deeper than 64"),
        ("{", "not valid"),
        ("", "not valid"),
        ('{"a": 1} trailing', "not valid"),
        ('"' + "x" * (1 << 20) + '"', "larger than 1 MiB"),
    ],
)
def test_it_refuses(text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        loads(text)


def test_it_names_the_place_of_a_mistake() -> None:
    with pytest.raises(BadInput, match="line 2, column 3"):
        loads("{\n  oops")


def test_brackets_inside_strings_are_not_depth() -> None:
    assert loads('{"a": "' + "[" * 100 + '\\""}') == {"a": "[" * 100 + '"'}


def test_map_keys_may_differ_in_case() -> None:
    assert loads('{"Labels": {"a": "1", "A": "2"}}') == {"Labels": {"a": "1", "A": "2"}}
