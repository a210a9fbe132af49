"""The names of columns as tensors of an ONNX file, where each name must be unique."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.errors import SchemaError

__all__ = ["check_tensor_name", "name_tensors", "tensor_names"]


def tensor_names(column: str, *, is_ragged: bool) -> tuple[str, ...]:
    """Return the names of the tensors of a column: its own, or two for lists, their values and row splits."""
    return (f"{column}.values", f"{column}.row_splits") if is_ragged else (column,)


def name_tensors(columns: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Name the tensors of several columns.

    Args:
        columns: Column name to whether it holds lists.

    Raises:
        SchemaError: A name that ONNX cannot hold, or two columns with a tensor of the same name.
    """
    owners: dict[str, str] = {}
    named = {name: tensor_names(name, is_ragged=is_ragged) for name, is_ragged in columns.items()}
    for column, tensors in named.items():
        check_tensor_name(column)
        for tensor in tensors:
            other = owners.setdefault(tensor, column)
            if other != column:
                lists = column if columns[column] else other
                what = f"the columns '{other}' and '{column}' are both named '{tensor}' in ONNX, where the "
                what += f"lists of '{lists}' are the tensors '{lists}.values' and '{lists}.row_splits'"
                raise SchemaError(what, feature=column, hint=f"rename '{column}' or '{other}'")
    return named


def check_tensor_name(name: str) -> None:
    """Check that ONNX can hold the name of a column.

    Raises:
        SchemaError: The name is empty, or contains a NUL character or a lone surrogate.
    """
    if name and "\0" not in name and name.isascii():
        return
    hint = "rename the column"
    if not name:
        raise SchemaError("a column has an empty name, which ONNX cannot hold", hint=hint)
    if "\0" in name:
        raise SchemaError(
            "the name contains a NUL character, which ONNX cannot hold", feature=name, hint=hint
        )
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise SchemaError("the name is not valid Unicode", feature=name, hint=hint) from error
