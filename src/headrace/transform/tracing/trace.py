"""Trace a preprocessing function into a graph, by calling it once with symbolic columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from headrace.arguments import (
    TOKENIZER_HINT,
    check_function,
    check_no_tokenizer,
    check_unicode,
    find_called_tokenizer,
)
from headrace.columns import column_type, find_column
from headrace.errors import HeadraceError, SchemaError, TraceError
from headrace.source_line import raising_line, user_line
from headrace.suggestions import suggest
from headrace.transform.graph.graph import Graph, Input, Node
from headrace.transform.graph.op import Op
from headrace.transform.tracing.call_templates import inside_trace
from headrace.transform.tracing.column import Column, cast_to
from headrace.transform.tracing.missing_integers import find_missing_integers

__all__ = ["trace"]

Preprocess = Callable[[Mapping[str, Column]], Mapping[str, Column]]


def trace(preprocess: Preprocess, schema: pa.Schema) -> Graph:
    """Call `preprocess` with symbolic columns, and return the graph of its outputs.

    It is called again if it handles missing values of columns of integers, which are then read as floats.

    Args:
        preprocess: Takes input columns by name, and returns output columns by name.
        schema: The Arrow schema of the input columns.

    Raises:
        TraceError: The function does something that a graph cannot represent; names the user's file and line.
        SchemaError: The function uses a column that is not in the schema.
    """
    check_no_tokenizer(preprocess, "preprocess")
    check_function(preprocess, "preprocess")
    graph = _trace_once(preprocess, schema, frozenset())
    floats = find_missing_integers(graph)
    return _trace_once(preprocess, schema, floats) if floats else graph


def _trace_once(
    preprocess: Callable[[Mapping[str, Column]], Mapping[str, Column]],
    schema: pa.Schema,
    floats: frozenset[str],
) -> Graph:
    try:
        with inside_trace():
            outputs = preprocess(_Inputs(schema, floats))
    except (HeadraceError, TypeError, ValueError) as error:
        _refuse_tokenizer(error)
        if not isinstance(error, HeadraceError):
            raise
        if error.path is None and (line := raising_line(error)):
            error.path, error.line = line
        raise
    if not isinstance(outputs, Mapping) or not outputs:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise _trace_error(
            preprocess, f"returned {type(outputs).__name__}", "return a dict of output name to column"
        )
    for name, column in outputs.items():
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _trace_error(
                preprocess,
                f"the name of output {name!r} is not a string",
                "return a dict of output name to column",
            )
        check_unicode(name, "the name of an output")
        if not isinstance(column, Column):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _trace_error(preprocess, f"output '{name}' is a {type(column).__name__}", "return columns")
        if column.type.is_timestamp:
            raise _trace_error(
                preprocess,
                f"output '{name}' is a date, and models take numbers",
                "take its parts by date_part, or the time since another date by elapsed",
            )
        if not column.node.per_row:
            raise _trace_error(
                preprocess,
                f"output '{name}' is a statistic, the same for every row",
                "combine it with a column",
            )
        if column.type.varies:
            hint = "resize it: hr.transform.resize(image, 224, 224)"
            raise _trace_error(preprocess, f"output '{name}' has images of any size, {column.type}", hint)
    graph = Graph({name: column.node for name, column in outputs.items()})
    _check_encoded(graph)
    return graph


def _refuse_tokenizer(error: Exception) -> None:
    """Name the tokenizer if the error is that of one which was called with a column."""
    call = find_called_tokenizer(error)
    if call is not None:
        tokenizer, path, line = call
        what = f"{tokenizer} was called with a column: it is Python code, which an ONNX file cannot hold"
        raise TraceError(what, path=path, line=line, hint=TOKENIZER_HINT) from error


def _check_encoded(graph: Graph) -> None:
    """Refuse a column that is decoded in one place and used as text in another.

    Raises:
        TraceError: There is such a column, or an output of encoded bytes.
    """
    encodings = graph.encodings
    if not encodings:
        return
    text = [node for node in graph.nodes if not (isinstance(node.what, Op) and node.what.encoding)]
    used = [each for node in text for each in node.inputs] + list(graph.outputs.values())
    for node in used:
        if isinstance(node.what, Input) and node.what.column in encodings:
            raise TraceError(
                f"the column is decoded as an {encodings[node.what.column]}, and used without decoding, too",
                feature=node.what.column,
                hint="leave the other use out, or pass the bytes as a second column",
            )


class _Inputs(Mapping[str, Column]):
    """The input columns by name. A missing name is an error that lists similar names.

    Args:
        schema: The schema of the data.
        floats: Columns of integers to read as float64.
    """

    def __init__(self, schema: pa.Schema, floats: frozenset[str]) -> None:
        self._schema = schema
        self._floats = floats
        self._names = dict.fromkeys(schema.names)  # `schema.names` makes a list of all, each time
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._names:
            raise SchemaError(f"unknown column '{name}'", hint=suggest(str(name), list(self._names)))
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the column of that name, or `default` if it does not exist."""
        return self[name] if name in self else default  # noqa: SIM401 - this is the definition of get

    def _column(self, name: str) -> Column:
        type_ = column_type(self._schema.field(find_column(self._schema, name)))
        if name in self._floats:
            type_ = replace(type_, dtype="float64")
        column = Column(Node(Input(name), (), type_, per_row=True, line=user_line()))
        return cast_to(column, "float32") if type_.dtype == "float16" else column

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _trace_error(function: Callable[..., Any], what: str, hint: str) -> TraceError:
    code = getattr(function, "__code__", None)
    place = {"path": code.co_filename, "line": code.co_firstlineno} if code else {}
    return TraceError(f"the preprocessing function: {what}", hint=hint, **place)
