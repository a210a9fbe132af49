"""Images and the other columns of a table, apart: images do not fit into a batch until they have one size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import is_iterable
from headrace.columns import file_contents, is_file_struct
from headrace.errors import SchemaError
from headrace.serving.images.fit_image import takes_pixels
from headrace.serving.images.read_image import is_file, is_image
from headrace.serving.signature import Input
from headrace.suggestions import find_similar
from headrace.tables import to_batch

__all__ = ["IMAGE", "ImageRows", "list_image_inputs", "split_images"]

IMAGE = "image"  # the encoding of an input that is fed decoded images


@dataclass(frozen=True)
class ImageRows:
    """Rows with images.

    Attributes:
        images: The images of each row, in any form of `read_image`, by input.
        others: The other columns, in any form that a model without images is fed with.
        count: The number of rows, if there are images.
    """

    images: Mapping[str, Sequence[Any]]
    others: Any
    count: int


def list_image_inputs(inputs: Sequence[Input]) -> list[Input]:
    """List the inputs that may be fed images: those of decoded images, and those of pixels of one size."""
    return [each for each in inputs if each.encoding == IMAGE or takes_pixels(each)]


def split_images(data: Any, inputs: Sequence[Input]) -> ImageRows:
    """Split rows into images for `read_image` and other columns; there may be none of the former.

    Args:
        data: A row or a table as for `Predictor.predict`; for a model with one input, also an image or a list
            of images, in any form of `read_image`.
        inputs: All inputs of the model.

    Raises:
        SchemaError: A column of images is missing, or columns have different numbers of rows.
    """
    wanted = list_image_inputs(inputs)
    if len(inputs) == 1 and _is_bare(data):
        data = {inputs[0].name: data}
    others = data
    images = dict[str, Sequence[Any]]()
    for column in wanted:
        found, others = _take_column(others, column)
        if found is not None:
            images[column.name] = found
    counts = {name: len(cells) for name, cells in images.items()}
    count = next(iter(counts.values()), 0)
    wrong = next((name for name in counts if counts[name] != count), None)
    if wrong is not None:
        what = f"expected {count:,} rows, as in '{next(iter(counts))}', got {counts[wrong]:,}"
        raise SchemaError(what, feature=wrong, hint="pass columns of equal length")
    return ImageRows(
        images, pa.record_batch({}) if isinstance(others, Mapping) and not others else others, count
    )


def _is_bare(data: Any) -> bool:
    """Return whether data is an image or several, not a row or a table."""
    if isinstance(data, list | tuple):
        return bool(data) and all(is_image(each) for each in data)
    is_array = isinstance(data, np.ndarray) and data.dtype.names is None
    return is_array or (is_image(data) and not isinstance(data, Mapping) and not hasattr(data, "columns"))


def _take_column(data: Any, column: Input) -> tuple[Sequence[Any] | None, Any]:
    """Take the images of a column out of rows; None if they are none, and the rows are unchanged.

    Raises:
        SchemaError: The column of a model of decoded images is missing.
    """
    name = column.name
    if isinstance(data, Mapping):
        cells = _list_cells(data[name], column) if name in data else _missing(column, list(data))
        return (None, data) if cells is None else (cells, {key: data[key] for key in data if key != name})
    if isinstance(data, list | tuple) and data and all(isinstance(row, Mapping) for row in data):
        rows: Sequence[Mapping[Any, Any]] = data
        names = list(dict.fromkeys(key for row in rows for key in row))
        cells = [row.get(name) for row in rows] if name in names else _missing(column, names)
        if cells is None or not _are_images(cells, column):
            return None, data
        return cells, [{key: row[key] for key in row if key != name} for row in rows]
    return _take_from_table(data, column)


def _take_from_table(data: Any, column: Input) -> tuple[Sequence[Any] | None, Any]:
    name = column.name
    if hasattr(data, "columns") and hasattr(data, "drop") and not isinstance(data, pa.Table | pa.RecordBatch):
        names = [str(each) for each in data.columns]
        cells = list(data[name]) if name in names else _missing(column, names)
        if cells is None or not _are_images(cells, column):
            return None, data
        return cells, data.drop(columns=[name]) if hasattr(data, "iloc") else data.drop(name)
    batch = data if isinstance(data, pa.RecordBatch) else to_batch(data)
    place = batch.schema.get_field_index(name)
    cells = (
        _list_arrow_cells(batch.column(place), column) if place >= 0 else _missing(column, batch.schema.names)
    )
    return (None, batch) if cells is None else (cells, batch.drop_columns([name]))


def _missing(column: Input, names: Sequence[str]) -> None:
    """Refuse rows without the images of a model of decoded images; other columns are checked when fed."""
    if column.encoding == IMAGE:
        hint = find_similar(column.name, names) or f"the model needs the column of images '{column.name}'"
        raise SchemaError("the column is missing", feature=column.name, hint=hint)


def _are_images(cells: Sequence[Any], column: Input) -> bool:
    """Return whether cells are for `read_image`; pixels for a model of one size are fed as they are."""
    return column.encoding == IMAGE or any(map(is_file, cells))


def _list_cells(value: Any, column: Input) -> Sequence[Any] | None:
    """List the images of one row or of a column; None if they are none."""
    if column.encoding is None and isinstance(value, np.ndarray) and value.dtype != object:
        return None
    if isinstance(value, pa.Array | pa.ChunkedArray):
        array: Any = value
        is_chunked = isinstance(value, pa.ChunkedArray)
        return _list_arrow_cells(array.combine_chunks() if is_chunked else array, column)
    if value is None or is_image(value):
        return [value] if _are_images([value], column) else None
    if isinstance(value, list | tuple) and _rank(value) == 3 and column.encoding == IMAGE:
        return [value]  # numbers of one image, as in JSON
    cells = list(value) if is_iterable(value) else [value]
    return cells if _are_images(cells, column) else None


def _rank(value: Any) -> int:
    rank = 0
    while isinstance(value, list | tuple) and value:
        value, rank = value[0], rank + 1
    return rank if isinstance(value, int | float) else 0


def _list_arrow_cells(array: pa.Array, column: Input) -> Sequence[Any] | None:
    type_ = array.type
    if isinstance(array, pa.FixedShapeTensorArray):
        return list(array.to_numpy_ndarray()) if column.encoding == IMAGE else None
    is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    if is_text:
        return array.to_pylist()
    is_bytes = pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_dictionary(type_)
    if is_bytes or is_file_struct(type_):
        return _Bytes(file_contents(array, column.name))
    return array.to_pylist() if column.encoding == IMAGE else None


class _Bytes(Sequence[Any]):
    """The values of an array, as Python's objects one by one."""

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, row: Any) -> Any:
        return self._array[row].as_py()
