"""Answer rows with images: those whose images have one size together, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, take_rows
from headrace.errors import HeadraceError, SchemaError
from headrace.serving.images.fit_image import fit_images
from headrace.serving.images.read_image import read_image
from headrace.serving.images.split_images import ImageRows
from headrace.serving.signature import Input

__all__ = ["answer_by_size"]

_MOST_BYTES, _MOST_ROWS = 16 << 20, 256  # of the images of a batch
_MOST_WAITING = 64 << 20  # bytes of images that wait for others of their size

Tensors = Mapping[str, np.ndarray]
Group = tuple[list[int], list[dict[str, np.ndarray]]]  # rows, and the images of each by input


def answer_by_size(
    rows: ImageRows,
    inputs: Sequence[Input],
    others: pa.RecordBatch | None,
    feed: Callable[[pa.RecordBatch], Tensors],
    run: Callable[[dict[str, Any]], dict[str, np.ndarray]],
) -> dict[str, np.ndarray]:
    """Compute the outputs of all rows, in their order.

    Args:
        rows: The rows.
        inputs: The inputs of images.
        others: The other columns; None if the model has no others.
        feed: Makes the tensors of other columns.
        run: Runs the model on tensors by name.

    Raises:
        RecordError, UsageError, SchemaError: An image cannot be read; names the row and the column.
    """
    if others is not None and not others.num_columns:  # all are optional and absent
        others = pa.RecordBatch.from_struct_array(pa.array([{}] * rows.count, pa.struct([])))
    if others is not None and others.num_rows != rows.count:
        what = f"expected {rows.count:,} rows, as in '{inputs[0].name}', got {others.num_rows:,}"
        raise SchemaError(what, feature=others.schema.names[0], hint="pass columns of equal length")
    order: list[int] = []
    answers: list[dict[str, np.ndarray]] = []
    for numbers, images in _group_by_size(rows, inputs):
        tensors: dict[str, Any] = {
            column.tensors[0]: _stack([each[column.name] for each in images], column) for column in inputs
        }
        if others is not None:
            tensors |= feed(others.take(pa.array(numbers, pa.int64())))
        order += numbers
        answers.append(run(tensors))
        del images, tensors  # before the next image is decoded
    return _merge(answers, np.argsort(np.array(order, np.int64)))


def _stack(pixels: list[np.ndarray], column: Input) -> np.ndarray:
    if column.encoding is None:
        return fit_images(pixels, column)
    if len(pixels) == 1:
        return pixels[0][None]  # large photos are not copied
    return np.stack(pixels) if pixels else np.zeros((0, 1, 1, 3), np.uint8)


def _group_by_size(rows: ImageRows, inputs: Sequence[Input]) -> Iterator[Group]:
    """Yield rows whose images have one size; without rows, one group without rows."""
    waiting: dict[Any, Group] = {}
    bytes_waiting = 0
    for row in range(rows.count):
        images = {column.name: _read(rows.images[column.name], row, column) for column in inputs}
        size = tuple(
            image.shape if each.encoding else None
            for each, image in zip(inputs, images.values(), strict=True)
        )
        numbers, group = waiting.setdefault(size, ([], []))
        numbers.append(row)
        group.append(images)
        bytes_ = sum(image.nbytes for image in images.values())
        bytes_waiting += bytes_
        is_full = len(numbers) >= _MOST_ROWS or len(numbers) * bytes_ >= _MOST_BYTES
        if is_full:
            bytes_waiting -= sum(image.nbytes for each in group for image in each.values())
        del images, group  # `waiting` alone holds them
        if is_full:
            yield waiting.pop(size)
        elif bytes_waiting >= _MOST_WAITING:
            yield from waiting.values()
            waiting, bytes_waiting = {}, 0
    yield from waiting.values()
    if not rows.count:
        yield [], []


def _read(images: Sequence[Any], row: int, column: Input) -> np.ndarray:
    try:
        return read_image(images[row])
    except HeadraceError as error:
        error.record, error.feature = (row if error.path is None else None), column.name
        raise


def _merge(answers: Sequence[dict[str, np.ndarray]], order: np.ndarray) -> dict[str, np.ndarray]:
    """Concatenate the outputs of batches, and put their rows in order."""
    if len(answers) == 1:
        return answers[0]
    merged: dict[str, np.ndarray] = {}
    for name in answers[0]:
        column, _, part = name.rpartition(".")
        if part == "row_splits" and f"{column}.values" in answers[0]:
            lists = [Ragged(each[f"{column}.values"], each[name]) for each in answers]
            merged[f"{column}.values"], merged[name] = take_rows(_concatenate(lists), order)
        elif name not in merged:
            merged[name] = (
                np.concatenate([each[name] for each in answers])[order] if len(order) else answers[0][name]
            )
    return merged


def _concatenate(lists: Sequence[Ragged]) -> Ragged:
    ends = np.cumsum([0, *(each.row_splits[-1] for each in lists)])
    splits = [each.row_splits[1:] + start for each, start in zip(lists, ends[:-1], strict=True)]
    return Ragged(np.concatenate([each.values for each in lists]), np.concatenate([[0], *splits]))
