"""JSON values are read by annotations: each wrong type, missing or unknown field is named."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from headrace.json_fields import read_value


@dataclass
class Inner:
    name: str


@dataclass
class Outer:
    count: int
    share: float = 0.5
    note: str | None = None
    inner: list[Inner] = field(default_factory=list[Inner])
    table: dict[str, float] = field(default_factory=dict[str, float])


def test_reads_nested_dataclasses() -> None:
    stored = {"count": 1, "share": 1, "note": None, "inner": [{"name": "a"}], "table": {"x": 2}}
    assert read_value(stored, Outer) == Outer(1, 1.0, None, [Inner("a")], {"x": 2.0})
    assert read_value({"count": 1}, Outer) == Outer(1)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({}, "field 'count' is missing"),
        ([], "the object: expected an object, got \\[\\]"),
        (None, "expected an object, got None"),
        ({"count": True}, "field 'count': expected an integer, got True"),
        ({"count": "1"}, "field 'count': expected an integer, got '1'"),
        ({"count": 1.5}, "field 'count': expected an integer, got 1.5"),
        ({"count": 1, "share": "x"}, "field 'share': expected a number"),
        ({"count": 1, "note": 3}, "field 'note': expected a string or null, got 3"),
        ({"count": 1, "inner": {}}, "field 'inner': expected a list"),
        ({"count": 1, "inner": [{"name": 1}]}, "field 'name': expected a string"),
        ({"count": 1, "inner": ["a"]}, r"field 'inner'\[0\]: expected an object, got 'a'"),
        ({"count": 1, "table": {"x": None}}, r"field 'table'\['x'\]: expected a number, got None"),
        ({"count": 1, "other": 2}, "unknown field 'other'"),
    ],
)
def test_names_what_is_wrong(stored: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_value(stored, Outer)


def test_reads_tuples_of_any_length() -> None:
    assert read_value([1, None], tuple[int | None, ...]) == (1, None)
    with pytest.raises(ValueError, match="expected a list, got 1"):
        read_value(1, tuple[int, ...])
