"""`headrace records schema`: print features, types and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from headrace.cli.options import AsJson, Sources

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.table import Table

    from headrace.records.schema import RecordSchema

__all__ = ["describe_type", "schema"]


def schema(sources: Sources, as_json: AsJson = False) -> None:
    """Print the features and their types, from the schema file or inferred from all records.

    With --json, print a schema file.
    """
    from headrace.records.reading import find_schema
    from headrace.records.schema import schema_text
    from headrace.records.tfrecord import resolve

    found = find_schema(resolve(sources))
    if as_json:
        typer.echo(schema_text(found), nl=False)
    else:
        _print(found)


def _print(found: RecordSchema) -> None:
    from headrace.cli.drawing.table import make_console
    from headrace.records import SequenceSchema

    screen = make_console()
    if isinstance(found, SequenceSchema):
        screen.print(_table("context", found.context))
        screen.print()
        screen.print(_table("feature list", found.feature_lists))
    else:
        screen.print(_table("feature", found))


def _table(title: str, fields: pa.Schema) -> Table:
    from headrace.cli.drawing.formatting import format_text
    from headrace.cli.drawing.table import make_cell, make_table

    shown = make_table(title, "type", "shape", "required")
    for field in fields:
        required = make_cell("–", "dim") if field.nullable else make_cell("yes")
        shown.add_row(make_cell(format_text(field.name), "bold"), *describe_type(field.type), required)
    return shown


def describe_type(type_: pa.DataType) -> tuple[str, str]:
    """Return the value type and the shape of one row, for display.

    >>> import pyarrow as pa
    >>> describe_type(pa.list_(pa.float32())), describe_type(pa.fixed_shape_tensor(pa.uint8(), [28, 28, 1]))
    (('float32', 'any number'), ('uint8', '28 × 28 × 1'))
    """
    import pyarrow as pa

    names = {"float": "float32", "double": "float64", "halffloat": "float16"}
    if isinstance(type_, pa.FixedShapeTensorType):
        return describe_type(type_.value_type)[0], " × ".join(map(str, type_.shape))
    if pa.types.is_fixed_size_list(type_):
        inner, shape = describe_type(type_.value_type)
        return inner, f"{type_.list_size} × {shape}" if shape else str(type_.list_size)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        inner, shape = describe_type(type_.value_type)
        return inner, f"any number × {shape}" if shape else "any number"
    return names.get(str(type_), str(type_)), ""
