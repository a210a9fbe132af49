"""Integers of every length, and what may follow them: digits are read several at a time."""

import json
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from headrace.data.json_values import JsonLineParser
from headrace.errors import SchemaError

_INTEGERS = [
    digits[:length] for digits in ("1234567890123456789", "9" * 19, "1" + "0" * 18) for length in range(1, 20)
]


def read(line: str, type_: pa.DataType) -> list[Any]:
    parser = JsonLineParser(pa.schema([pa.field("x", type_)]))
    return [value for batch in parser.parse(line.encode()) for value in batch.column(0).to_pylist()]


@pytest.mark.parametrize("space", ["", " ", "\t"])
def test_integers_are_those_of_python(space: str) -> None:
    """Within a list, where text follows, and at the end of the text."""
    numbers = [
        sign + digits for sign, digits in product(("", "-"), ["0", *_INTEGERS]) if int(digits) < 1 << 63
    ]
    inside = f'{{"x":[{(space + "," + space).join(numbers)}]}}'
    assert read(inside, pa.list_(pa.int64())) == [json.loads(inside)["x"]]
    for number in numbers:
        assert read(f'{{"x":{number}{space}}}', pa.int64()) == [int(number)]


def test_the_largest_integers_are_kept_or_refused() -> None:
    numbers = [2**63 - 1, 2**63, 2**64 - 1]
    assert read(f'{{"x":{numbers}}}', pa.list_(pa.uint64())) == [numbers]
    assert read(f'{{"x":{-(2**63)}}}', pa.int64()) == [-(2**63)]
    for number, type_ in (
        (2**63, pa.int64()),
        (-(2**63) - 1, pa.int64()),
        (2**64, pa.uint64()),
        (10**30, pa.uint64()),
    ):
        with pytest.raises(SchemaError, match="x"):
            read(f'{{"x":{number}}}', type_)


@pytest.mark.parametrize("length", range(1, 20))
@pytest.mark.parametrize("tail", [".5", "e2", "E-3", ".25e1"])
def test_floats_start_with_as_many_digits(length: int, tail: str) -> None:
    number = "1234567890123456789"[:length] + tail
    line = f'{{"x":[{number},-{number}]}}'
    assert read(line, pa.list_(pa.float64())) == [[float(number), -float(number)]]
    with pytest.raises(SchemaError):
        read(line, pa.list_(pa.int64()))


@pytest.mark.parametrize("length", range(1, 20))
@pytest.mark.parametrize(
    "wrong", ["0{}", "-0{}", "{}:", "{}a", "{}/", "--{}", "+{}", "{}.", "{}e", "{} 1", "{}\u0661"]
)
def test_what_is_no_number_is_refused(length: int, wrong: str) -> None:
    number = wrong.format("1234567890123456789"[:length])
    for line in (f'{{"x":[{number},1234567]}}', f'{{"x":{number}}}'):
        with pytest.raises(SchemaError):
            read(line, pa.list_(pa.int64()) if "[" in line else pa.int64())
