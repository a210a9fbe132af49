"""JSON lines against Python's `json`, line by line.

What `json` reads, Headrace reads with the same values; what `json` refuses, Headrace refuses with the number
of the line. Except:

1. A key that occurs twice in its object is refused; `json` keeps the last value.
2. Half of a surrogate pair is refused; Python's strings can hold it, UTF-8 cannot.
3. A number beyond float64 is refused; `json` reads it as infinity.
4. Lines nested more than 64 levels deep are refused.
5. Values of different types under one key are refused.
6. Integers beyond int64, if one is negative, and beyond uint64 are refused.
7. Integers beyond 2**53 among floats are refused; other integers among floats are floats.
8. An absent key is null, in nested objects too.
9. null among floats in a list is NaN.
10. Objects whose only key is "base64", with a string as its value, are bytes.
11. A line must be an object, in UTF-8; blank lines are skipped.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from headrace.data import Dataset
from headrace.errors import SchemaError

_STRINGS = [
    "",
    "a",
    "01234",
    "2026-11-24",
    "2026-11-24T01:02:03Z",
    "Straße",
    "日本",
    "😀",
    "\u2028",
    '"',
    "\\",
    "\x00",
    "\x7f",
]
_INTEGERS = [0, 1, -1, 7, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64]
_FLOATS = [0.0, -0.0, 0.1, -1.5, 1e300, 5e-324, 1e-310, 1 / 3, 2.0**60, 16777217.0]
_TOKENS = [
    *(bytes([byte]) for byte in b"{}[],:\"\\\n\r \t0-+.e\x00\x0b\xff\xc3'"),
    *(b"1e400", b"1e-400", b"NaN", b"Infinity", b"-Infinity", b"nan", b"null", b"true", b"False"),
    *(b"\\ud800", b"\\ud83d\\ude00", b"\\u0000", b"\\x", b"\\/", b"//", b'"a"', b'{"a": 1}'),
    *(b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc2\xa0", b"18446744073709551616", b"1.", b".5", b"01"),
    b"[" * 70 + b"]" * 70,
]


class RefusalError(Exception):
    """Values have no common type."""


def compare(random: Random, folder: Path) -> str:
    """Generate a file, read it both ways and compare."""
    data = generate(random)
    path = folder / "a.jsonl"
    path.write_bytes(data)
    expected, line = read_reference(data)
    try:
        found = list(read(path))
    except SchemaError as error:
        refusal = error
    else:
        assert expected is not None, f"not refused: {found}\n{data!r}"
        assert len(found) == len(expected), data
        for row, other in zip(found, expected, strict=True):
            assert same(row, other), f"{row} != {other}\n{data!r}"
        return "read"
    assert expected is None, f"{refusal}\n{data!r}"
    assert "\n" not in str(refusal), refusal
    assert refusal.line == line or line is None, f"line {line} expected: {refusal}\n{data!r}"
    return "refused"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Read the rows."""
    for batch in Dataset.from_json_lines(path):
        yield from batch.to_pylist() if batch.num_columns else [{}] * batch.num_rows


def generate(random: Random) -> bytes:
    """Generate lines of one kind of object, with deviations."""
    columns = {
        random.choice(["a", "b", "key", "日", "a.b", ""]): make_column(random, 0)
        for _ in range(random.randint(1, 4))
    }
    lines = []
    for _ in range(random.randint(0, 6)):
        row = {name: make() for name, make in columns.items() if random.random() < 0.9}
        lines.append(json.dumps(row, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass"))
    data = b"\n".join(lines) + random.choice([b"\n", b"", b"\r\n", b"\n\n"])
    if random.random() < 0.5:
        return data
    for _ in range(random.randint(1, 3)):
        at = random.randint(0, len(data))
        data = data[:at] + random.choice(_TOKENS) + data[at + random.choice([0, 0, 1, 2]) :]
    return data


def make_column(random: Random, depth: int) -> Any:
    """Return a function that makes a value of a column."""
    kind = random.choice(
        [
            "int",
            "small",
            "float",
            "number",
            "string",
            "bool",
            "null",
            "any",
            "base64",
            "list",
            "list",
            "object",
        ]
    )
    null = random.choice([0, 0, 0.3])
    if kind in ("list", "object") and depth < 3:
        item = make_column(random, depth + 1)
        size = random.choice([0, 1, 2, None])
        keys = random.sample(["x", "y", "base64", "2026-11-24"], random.randint(0, 3))
        inner = {key: make_column(random, depth + 1) for key in keys}

        def nested() -> Any:
            if kind == "list":
                return [item() for _ in range(random.randint(0, 3) if size is None else size)]
            return {key: make() for key, make in inner.items() if random.random() < 0.9}

        return lambda: None if random.random() < null else nested()
    makers: dict[str, Any] = {
        "int": lambda: random.choice(_INTEGERS[:9]),
        "small": lambda: random.randint(-9, 9),
        "float": lambda: random.choice(_FLOATS),
        "number": lambda: random.choice([*_FLOATS, *_INTEGERS]),
        "string": lambda: random.choice(_STRINGS),
        "bool": lambda: random.random() < 0.5,
        "null": lambda: None,
        "base64": lambda: {"base64": base64.b64encode(random.randbytes(random.randint(0, 4))).decode()},
    }
    if kind not in makers:
        return lambda: makers[random.choice(list(makers))]()
    return lambda: None if random.random() < null else makers[kind]()


def read_reference(data: bytes) -> tuple[list[dict[str, Any]] | None, int | None]:
    """Read lines by `json` and the rules of this module; None and the line, if known, of a refusal."""
    rows = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip(b" \t\r"):
            continue
        try:
            row = json.loads(line.decode(), object_pairs_hook=unique, parse_float=finite)
            if not isinstance(row, dict):
                return None, number
            check(row, 1)
        except (ValueError, RecursionError):
            return None, number
        rows.append(row)
    try:
        normalise = unify(rows)
        return [normalise(row) for row in rows], None
    except RefusalError:
        return None, None


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Rule 1."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key occurs twice")
    for key, _ in pairs:
        key.encode()
    return dict(pairs)


def finite(text: str) -> float:
    """Rule 3."""
    if math.isinf(float(text)):
        raise ValueError("beyond float64")
    return float(text)


def check(value: Any, depth: int) -> None:
    """Rules 2 and 4."""
    if isinstance(value, str):
        value.encode()
    if isinstance(value, dict | list):
        if depth > 64:
            raise ValueError("too deep")
        for each in value.values() if isinstance(value, dict) else value:
            check(each, depth + 1)


def unify(values: list[Any]) -> Any:
    """Return the function that makes values of one key what Headrace reads; rules 3 and 5 to 10.

    Raises:
        RefusalError: The types differ.
    """
    present = [value for value in values if value is not None]
    kinds = {"number" if type(value) in (int, float) else type(value).__name__ for value in present}
    if len(kinds) > 1:
        raise RefusalError
    if kinds == {"number"}:
        return unify_numbers(present)
    if kinds == {"list"}:
        make = unify([item for value in present for item in value])
        floats = any(isinstance(item, float) for value in present for item in value)
        missing = math.nan if floats else None
        return lambda value: value and [missing if item is None else make(item) for item in value]
    if kinds == {"dict"}:
        return unify_objects(present)
    return lambda value: value


def unify_numbers(present: list[Any]) -> Any:
    """Rules 6 and 7."""
    integers = [value for value in present if isinstance(value, int)]
    low, high = min(integers, default=0), max(integers, default=0)
    if len(integers) < len(present):
        if max(-low, high) > 2**53:
            raise RefusalError
        return lambda value: None if value is None else float(value)
    if high >= 2**64 or low < -(2**63) or (high >= 2**63 and low < 0):
        raise RefusalError
    return lambda value: value


def unify_objects(present: list[dict[str, Any]]) -> Any:
    """Rules 8 and 10."""
    keys = list(dict.fromkeys(key for value in present for key in value))
    texts = [value["base64"] for value in present if "base64" in value]
    if keys == ["base64"] and all(isinstance(text, str) for text in texts):
        if len(texts) < len(present) or any(len(text) % 4 for text in texts):
            raise RefusalError  # {} among bytes; padding that Python skips
        try:
            decoded = {text: base64.b64decode(text, validate=True) for text in texts}
        except ValueError as error:
            raise RefusalError from error
        return lambda value: None if value is None else decoded[value["base64"]]
    make = {key: unify([value.get(key) for value in present]) for key in keys}
    return lambda value: None if value is None else {key: make[key](value.get(key)) for key in keys}


def same(left: Any, right: Any) -> bool:
    """Compare values and their types; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or (left != left and right != right)
