"""The inputs of a model without a signature, from its tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.serving.signature import Input

__all__ = ["infer_inputs"]


def infer_inputs(tensors: Mapping[str, tuple[str, Sequence[object]]]) -> tuple[Input, ...]:
    """Derive the raw columns from tensors: a column each, one of lists from `x.values` and `x.row_splits`.

    A tensor uint8 [rows, any, any, 3] is decoded images.

    Args:
        tensors: Tensor name to dtype and shape, batch dimension first; sizes that are not integers are any.
    """
    columns = dict[str, Input]()
    for name, (dtype, shape) in tensors.items():
        column, _, part = name.rpartition(".")
        if part == "row_splits" and f"{column}.values" in tensors:
            continue
        if part == "values" and f"{column}.row_splits" in tensors:
            columns[column] = Input(column, dtype, (None,), (name, f"{column}.row_splits"))
        else:
            sizes = tuple(size if isinstance(size, int) else None for size in shape[1:])
            is_image = dtype == "uint8" and sizes == (None, None, 3)
            columns[name] = Input(name, dtype, sizes, (name,), encoding="image" if is_image else None)
    return tuple(columns.values())
