"""What sources that infer the types of text have in common.

Types are inferred from the first 64 MiB of text, of all files in reading order. A later value that its
column's type cannot hold unchanged is an error. `types` declares the types of single columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from headrace.arguments import check_mapping, show_value
from headrace.errors import UsageError

__all__ = ["INFERENCE_BYTES", "INFERENCE_TEXT", "Types", "check_rows", "check_schema", "parse_types"]

INFERENCE_BYTES = 64 << 20
INFERENCE_TEXT = "the first 64 MiB"

Types = Mapping[str, "pa.DataType | str | type"]

_PYTHON_TYPES: dict[type, pa.DataType] = {
    bool: pa.bool_(),
    bytes: pa.binary(),
    float: pa.float64(),
    int: pa.int64(),
    str: pa.string(),
}


def check_schema(schema: Any, types: Any = None) -> None:
    """Check a schema that is passed in place of inference.

    Raises:
        UsageError: It is not a schema, or `types` are passed, too.
    """
    if schema is not None and types is not None:
        raise UsageError("both schema= and types= are passed", hint="pass the types in the schema")
    if schema is not None and not isinstance(schema, pa.Schema):
        what = f"schema: expected a pyarrow.Schema, got {show_value(schema)}"
        raise UsageError(what, hint="pass pa.schema({name: type}), or leave it out to infer it")


def check_rows(rows: int, inferred: int | None, path: str) -> None:
    """Check that a whole source still has the rows that were counted when its types were inferred.

    Raises:
        UsageError: It has fewer.
    """
    if inferred is not None and rows < inferred:
        what = f"the data was cut: {rows:,} rows, but {inferred:,} when the types were inferred"
        raise UsageError(what, path=path, hint="write the file again, and open the data again")


def parse_types(types: Types | None) -> pa.Schema | None:
    """Return declared types as a schema of nullable columns.

    Args:
        types: For each column an Arrow type, the name of one (`"int64"`), or one of Python's `bool`, `bytes`,
            `float`, `int`, `str`.

    Raises:
        UsageError: `types` is not a mapping, or a type is unknown.

    >>> parse_types({"zip": "string", "age": int})
    zip: string
    age: int64
    """
    if types is None or types == {}:
        return None
    checked = check_mapping(types, "types", '{column: type, ...}, such as {"zip": "string"}')
    return pa.schema([pa.field(_check_name(name), _parse(type_, name)) for name, type_ in checked.items()])


def _check_name(name: Any) -> str:
    """Return the name of a column, which may be empty, as spreadsheets and pandas leave that of an index."""
    if not isinstance(name, str):
        what = f"types: expected names of columns, got {show_value(name)}"
        raise UsageError(what, hint="pass the name as a string")
    return name


def _parse(type_: Any, name: str) -> pa.DataType:
    if isinstance(type_, pa.DataType):
        return type_
    if isinstance(type_, type) and type_ in _PYTHON_TYPES:
        return _PYTHON_TYPES[type_]
    try:
        return pa.type_for_alias(type_)
    except (AttributeError, TypeError, ValueError) as error:
        what = f"types[{name!r}]: expected an Arrow type or its name, got {show_value(type_)}"
        raise UsageError(
            what, hint='pass "string", "int64", "float64", "bool" or another Arrow type'
        ) from error
