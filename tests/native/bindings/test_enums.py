"""The enumerations of the compiled module are those that its stub declares."""

from __future__ import annotations

import ast
from enum import IntEnum
from pathlib import Path

import numpy as np
import pytest

from headrace import _native

STUB = Path(_native.__file__).parent / "_kernels" / "enums.pyi"


def declared_enums() -> dict[str, dict[str, int]]:
    """The members of each IntEnum of the stub, by name."""
    enums: dict[str, dict[str, int]] = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef) and "IntEnum" in map(ast.unparse, node.bases):
            members = [each for each in node.body if isinstance(each, ast.Assign)]
            enums[node.name] = {
                ast.unparse(each.targets[0]): ast.literal_eval(each.value) for each in members
            }
    return enums


DECLARED = declared_enums()


def test_the_stub_declares_every_enum() -> None:
    exposed = {name: getattr(_native, name) for name in _native.__all__}
    enums = {
        name for name, value in exposed.items() if isinstance(value, type) and issubclass(value, IntEnum)
    }
    assert enums == set(DECLARED)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_members_have_the_declared_numbers(name: str) -> None:
    members = {member.name: member.value for member in getattr(_native, name)}
    assert members == DECLARED[name]


@pytest.mark.parametrize("kind", [_native.ValueKind.INT64, 3])
def test_features_accept_members_and_their_numbers(kind: int) -> None:
    parser = _native.ExampleParser([("x", kind, _native.Layout.LIST, 1, False, False, 0, 9)])
    record = b"\x0a\x0c\x0a\x0a\x0a\x01x\x12\x05\x12\x03\x0a\x01\x00"  # a float list of one byte: malformed
    failure = parser.append(record, np.zeros(1, np.int64), np.array([len(record)]))
    assert failure is not None
    assert isinstance(failure[0], _native.RecordFault)


def test_a_kind_mismatch_names_both_kinds() -> None:
    parser = _native.ExampleParser([("x", 3, 1, 1, False, False, 0, 9)])
    record = b"\x0a\x0b\x0a\x09\x0a\x01x\x12\x04\x0a\x02\x0a\x00"  # a bytes list of one empty value
    failure = parser.append(record, np.zeros(1, np.int64), np.array([len(record)]))
    assert failure is not None
    fault, _, _, found, expected, _ = failure
    assert (fault, found, expected) == (
        _native.RecordFault.KIND,
        _native.ValueKind.BYTES,
        _native.ValueKind.INT64,
    )
    assert isinstance(found, _native.ValueKind)
    assert isinstance(expected, _native.ValueKind)
