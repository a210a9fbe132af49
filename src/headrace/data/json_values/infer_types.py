"""Infer the types of the keys of JSON lines.

    values other than null           type
    true and false                   bool
    integers                         int64; uint64 if one is beyond int64 and none is negative
    integers and other numbers       float64, if every integer is at most 2**53 in size
    strings                          string, whatever they look like
    {"base64": "..."}                binary
    other objects                    a struct of their keys
    lists                            a list; of numbers and all of one length above 1, of fixed size
    none                             string

Values of one key that fit no line of this table are an error, which names a line of each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from headrace import _native
from headrace._native import JsonKind
from headrace.data.json_values.encode import BASE64
from headrace.data.json_values.faults import MAX_NAMES, create_fault, declare_hint
from headrace.errors import SchemaError

__all__ = ["JsonLineSurvey"]

_LINE_BITS = 40  # of a number that stands for a file and a line in it
_MAX_SPARSE = 4096  # keys; a line of more must have one in a thousand of them
_INTEGERS = (JsonKind.INT64, JsonKind.UINT64, JsonKind.LARGE)
_NAMES = {
    JsonKind.BOOL: "bool",
    JsonKind.INT64: "int64",
    JsonKind.UINT64: "integers beyond int64",
    JsonKind.LARGE: "integers beyond 64 bits",
    JsonKind.FLOAT: "float64",
    JsonKind.STRING: "string",
    JsonKind.LIST: "a list",
    JsonKind.OBJECT: "an object",
    JsonKind.NEGATIVE: "negative integers",
    JsonKind.INEXACT: "integers beyond 2**53",
}


@dataclass
class _Node:
    """The values of a key, or the items of a list."""

    name: str | None
    first: Sequence[int]
    shortest: int
    longest: int
    children: list[_Node] = field(default_factory=list)

    def has(self, kind: JsonKind) -> bool:
        return self.first[kind] >= 0


class JsonLineSurvey:
    """Finds types that hold for all lines that were added."""

    def __init__(self) -> None:
        self._survey = _native.JsonSurvey(MAX_NAMES)
        self._files: list[str] = []

    @property
    def rows(self) -> int:
        """The number of lines that are not blank."""
        return self._survey.rows

    @property
    def names(self) -> tuple[str, ...]:
        """The keys, in the order of their first appearance."""
        if not self.rows:
            return ()
        root, _ = self._read_tree()
        return tuple(str(node.name) for node in root.children)

    def add(self, text: bytes, path: str, line: int) -> None:
        """Add lines of a file, the first of which has the number `line`.

        Raises:
            SchemaError: A line is not an object in JSON.
        """
        if not self._files or self._files[-1] != path:
            self._files.append(path)
        base = (len(self._files) - 1) << _LINE_BITS | line
        failure = self._survey.append(np.frombuffer(text, np.uint8), base)
        if failure is not None:
            fault, at, *rest = failure
            raise create_fault((fault, at - base, *rest), text, path=path, line=line)  # pyright: ignore[reportArgumentType]

    def infer_schema(
        self, declared: Mapping[str, pa.DataType] | None = None, columns: Collection[str] | None = None
    ) -> pa.Schema:
        """Infer the schema, with the declared types of some keys; keys not in `columns` are strings.

        Raises:
            SchemaError: The values of a key have no common type, or lines have too few keys in common.
        """
        root, count = self._read_tree()
        if columns is None:
            self._check_density(count)
        fields = list[pa.Field]()
        for node in root.children:
            name = str(node.name)
            is_read = columns is None or name in columns
            type_ = (declared or {}).get(name) or (self._infer(node, (name,)) if is_read else pa.string())
            fields.append(pa.field(name, type_))
        return pa.schema(fields)

    def _read_tree(self) -> tuple[_Node, int]:
        nodes: list[_Node] = []
        for parent, name, first, shortest, longest in self._survey.nodes():
            node = _Node(None if name is None else name.decode(), first, shortest, longest)
            if parent >= 0:
                nodes[parent].children.append(node)
            nodes.append(node)
        return nodes[0], len(nodes)

    def _check_density(self, columns: int) -> None:
        """Refuse lines that are maps of ids to values: as a table they are nearly empty, and very large."""
        values = self._survey.values
        if columns > _MAX_SPARSE and values * 1000 < columns * self.rows:
            raise SchemaError(
                f"{self.rows:,} lines have {columns:,} distinct keys, and each line has few of them",
                path=self._files[0],
                hint="pass a schema= of the keys to read, or write a list of {key, value} objects",
            )

    def _infer(self, node: _Node, names: tuple[str, ...]) -> pa.DataType:
        kinds = [kind for kind in JsonKind if kind in _NAMES and node.has(kind)]
        values = [kind for kind in kinds if kind not in (JsonKind.NEGATIVE, JsonKind.INEXACT)]
        numbers = [kind for kind in values if kind in _INTEGERS or kind == JsonKind.FLOAT]
        if not values:
            return pa.string()
        if numbers and len(numbers) < len(values):
            raise self._conflict(node, names, numbers[0], next(k for k in values if k not in numbers))
        if not numbers and len(values) > 1:
            raise self._conflict(node, names, *values[:2])
        if numbers:
            return self._infer_number(node, numbers, names)
        if values == [JsonKind.LIST]:
            return self._infer_list(node, names)
        if values == [JsonKind.OBJECT]:
            return self._infer_object(node, names)
        return pa.bool_() if values == [JsonKind.BOOL] else pa.string()

    def _infer_number(self, node: _Node, kinds: list[JsonKind], names: tuple[str, ...]) -> pa.DataType:
        if JsonKind.LARGE in kinds:
            file, line = self._locate(node.first[JsonKind.LARGE])
            what = "an integer is beyond int64 and uint64"
            hint = declare_hint(names[0])
            raise SchemaError(what, path=file, line=line, feature=".".join(names), hint=hint)
        if JsonKind.FLOAT in kinds:
            if node.has(JsonKind.INEXACT):
                raise self._conflict(node, names, JsonKind.FLOAT, JsonKind.INEXACT)
            return pa.float64()
        if JsonKind.UINT64 not in kinds:
            return pa.int64()
        if node.has(JsonKind.NEGATIVE):
            raise self._conflict(node, names, JsonKind.UINT64, JsonKind.NEGATIVE)
        return pa.uint64()

    def _infer_list(self, node: _Node, names: tuple[str, ...]) -> pa.DataType:
        item = self._infer(node.children[0], names) if node.children else pa.string()
        is_number = pa.types.is_integer(item) or pa.types.is_floating(item)
        if is_number and node.shortest == node.longest > 1:
            return pa.list_(item, node.longest)
        return pa.list_(item)

    def _infer_object(self, node: _Node, names: tuple[str, ...]) -> pa.DataType:
        only = node.children[0] if len(node.children) == 1 else None
        if only is not None and only.name == BASE64 and not self._has_other_than_text(only):
            return pa.binary()
        fields = [(str(each.name), self._infer(each, (*names, str(each.name)))) for each in node.children]
        return pa.struct([pa.field(name, type_) for name, type_ in fields])

    def _has_other_than_text(self, node: _Node) -> bool:
        return any(node.has(kind) for kind in JsonKind if kind != JsonKind.STRING)

    def _conflict(self, node: _Node, names: tuple[str, ...], *kinds: JsonKind) -> SchemaError:
        """Create the error for two kinds of values, at the one that came later."""
        early, late = sorted(kinds, key=lambda kind: node.first[kind])
        file, line = self._locate(node.first[late])
        other, before = self._locate(node.first[early])
        place = f"line {before:,}" if other == file else f"{other}, line {before:,}"
        return SchemaError(
            f"expected {_NAMES[early]} as in {place}, got {_NAMES[late]}",
            path=file,
            line=line,
            feature=".".join(names),
            hint=declare_hint(names[0]),
        )

    def _locate(self, number: int) -> tuple[str, int]:
        return self._files[number >> _LINE_BITS], number & ((1 << _LINE_BITS) - 1)
