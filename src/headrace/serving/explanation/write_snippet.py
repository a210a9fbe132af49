"""A program of plain ONNX Runtime that answers the example row of a signature."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from typing import Any

from headrace.columns import TIMESTAMP
from headrace.serving.signature import Input, Signature

__all__ = ["write_snippet"]

_SIDE = 64  # of an image in place of the user's
_PHOTO = 'np.asarray(ImageOps.exif_transpose(Image.open("photo.jpg")).convert("RGB"))[None]  # of Pillow'


def write_snippet(signature: Signature, path: str) -> str:
    """Write a Python program that feeds a model one row, and prints each output.

    It imports NumPy and ONNX Runtime only. The row is the example of the signature; a value that has none is
    the default, or else missing, zero or empty.

    Args:
        signature: The model's.
        path: The file of the model, as the program opens it.
    """
    lines = [
        "import numpy as np",
        "import onnxruntime",
        "",
        f"session = onnxruntime.InferenceSession({path!r})",
        "feeds = {",
        *(f"    {line}" for column in signature.inputs for line in _write_feeds(column)),
        "}",
        "names = [each.name for each in session.get_outputs()]",
        "for name, value in zip(names, session.run(names, feeds)):",
        "    print(name, value.tolist())",
    ]
    return "\n".join(lines) + "\n"


def _write_feeds(column: Input) -> Iterator[str]:
    """Write the entries of the tensors of one row, rows first."""
    if column.encoding == "image":
        yield f"# {column.name!r}: {_PHOTO}"
    value = column.default if column.example is None else column.example
    if len(column.tensors) == 2:
        values = value or []
        yield f"{column.tensors[0]!r}: {_write_array(values, column.type)},"
        yield f"{column.tensors[1]!r}: np.array([0, {len(values)}], np.int64),"
    elif value is None and column.shape:
        shape = ", ".join(str(_SIDE if size is None else size) for size in (1, *column.shape[:-1]))
        shape += f", {3 if column.shape[-1] is None else column.shape[-1]}"
        yield f"{column.tensors[0]!r}: np.zeros(({shape}), {_write_dtype(column.type)}),"
    else:
        shown = _make_missing(column.type) if value is None else value
        yield f"{column.tensors[0]!r}: {_write_array([shown], column.type)},"


def _make_missing(type_: str) -> Any:
    if type_ == TIMESTAMP:
        return "NaT"
    return "" if type_ == "string" else math.nan if type_.startswith("float") else 0


def _write_array(values: list[Any], type_: str) -> str:
    if type_ == TIMESTAMP:  # microseconds since 1970
        values = [_to_utc(each) for each in values]
        return f'np.array({_write(values)}, "datetime64[us]").astype(np.int64)'
    return f"np.array({_write(values)}, {_write_dtype(type_)})"


def _to_utc(text: str) -> str:
    """Convert a date in ISO 8601 to UTC, without the time zone that NumPy does not read."""
    if text == "NaT":
        return text
    moment = datetime.datetime.fromisoformat(text)
    return (
        (moment if moment.tzinfo is None else moment.astimezone(datetime.UTC))
        .replace(tzinfo=None)
        .isoformat()
    )


def _write_dtype(type_: str) -> str:
    return {"string": "object", "bool": "bool"}.get(type_, f"np.{type_}")


def _write(value: Any) -> str:
    """Write a value as a Python expression."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_write, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
