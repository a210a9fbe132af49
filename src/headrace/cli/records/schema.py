"""`headrace records schema`: features, types and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from headrace.cli.records.arguments import AsJson, Sources

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.table import Table

    from headrace.records.schema import RecordSchema

__all__ = ["layout", "schema"]


def schema(sources: Sources, as_json: AsJson = False) -> None:
    """Print the features and their types: as written beside the files, or inferred from all records.

    With --json in the form of the schema file that lies beside record files.
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
    from headrace.cli.records.table import console
    from headrace.records import SequenceSchema

    screen = console()
    if isinstance(found, SequenceSchema):
        screen.print(_table("context", found.context))
        screen.print()
        screen.print(_table("feature list", found.feature_lists))
    else:
        screen.print(_table("feature", found))


def _table(title: str, fields: pa.Schema) -> Table:
    from headrace.cli.records.formatting import printable
    from headrace.cli.records.table import cell, table

    shown = table(title, "type", "shape", "required")
    for field in fields:
        required = cell("–", "dim") if field.nullable else cell("yes")
        shown.add_row(cell(printable(field.name), "bold"), *layout(field.type), required)
    return shown


def layout(type_: pa.DataType) -> tuple[str, str]:
    """The type of the values and the shape of one row, as a reader likes it.

    >>> import pyarrow as pa
    >>> layout(pa.list_(pa.float32())), layout(pa.fixed_shape_tensor(pa.uint8(), [28, 28, 1]))
    (('float32', 'any number'), ('uint8', '28 × 28 × 1'))
    """
    import pyarrow as pa

    names = {"float": "float32", "double": "float64", "halffloat": "float16"}
    if isinstance(type_, pa.FixedShapeTensorType):
        return layout(type_.value_type)[0], " × ".join(map(str, type_.shape))
    if pa.types.is_fixed_size_list(type_):
        inner, shape = layout(type_.value_type)
        return inner, f"{type_.list_size} × {shape}" if shape else str(type_.list_size)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        inner, shape = layout(type_.value_type)
        return inner, f"any number × {shape}" if shape else "any number"
    return names.get(str(type_), str(type_)), ""
