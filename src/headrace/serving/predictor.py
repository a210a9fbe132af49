"""An exported model, run by ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa

from headrace.columns import Ragged, from_arrow, to_arrow
from headrace.errors import ModelError, SchemaError
from headrace.suggestions import suggest

__all__ = ["Predictor", "load"]

_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
_DTYPES = {
    "tensor(string)": "string",
    "tensor(double)": "float64",
    "tensor(float)": "float32",
    "tensor(bool)": "bool",
    **{f"tensor({name})": name for name in _INTEGERS},
}


class Predictor:
    """An exported model: raw columns in, named predictions out.

    Attributes:
        path: The file.
        inputs: Input tensor name to dtype.
        outputs: Output names.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = os.fspath(path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                self.path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            there = os.path.exists(self.path)  # noqa: PTH110
            raise ModelError(
                f"ONNX Runtime cannot load it ({_first(error)})" if there else "there is no such file",
                path=self.path,
                hint="name a file that headrace exported" if there else "check the path",
            ) from error
        self.inputs = {
            each.name: _DTYPES.get(str(each.type), str(each.type)) for each in self._session.get_inputs()
        }
        self.outputs = [each.name for each in self._session.get_outputs()]

    def predict(self, data: pa.RecordBatch | Mapping[str, Sequence[Any]]) -> pa.RecordBatch:
        """Predictions for raw rows; columns the model does not need are not looked at.

        Raises:
            SchemaError: A column is missing or has the wrong type.
        """
        results = self.run(data if isinstance(data, pa.RecordBatch) else _batch(data))
        return pa.RecordBatch.from_arrays(
            [_to_arrow(value) for value in results.values()], names=list(results)
        )

    def run(self, batch: pa.RecordBatch) -> dict[str, np.ndarray]:
        """Predictions for raw rows, as NumPy arrays by output name; see `predict`."""
        feeds = self._feeds(batch)
        try:
            values = self._session.run(None, feeds)
        except Exception as error:
            raise SchemaError(f"the model refused the batch ({_first(error)})", path=self.path) from error
        return {name: np.asarray(value) for name, value in zip(self.outputs, values, strict=True)}

    def _feeds(self, batch: pa.RecordBatch) -> dict[str, Any]:
        feeds: dict[str, Any] = {}
        for name, dtype in self.inputs.items():
            column, _, part = (
                name.rpartition(".") if name not in batch.schema.names and "." in name else (name, "", "")
            )
            value = from_arrow(self._column(batch, column), column)
            _check_raggedness(value, bool(part), column)
            if isinstance(value, Ragged):
                value = value.row_splits if part == "row_splits" else value.values
            feeds[name] = _tensor(value, dtype, column)
        return feeds

    def _column(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        index = batch.schema.get_field_index(name)
        if index >= 0:
            return batch.column(index)
        raise SchemaError("the column is missing", feature=name, hint=suggest(name, batch.schema.names))


def load(path: str | os.PathLike[str], threads: int | None = None) -> Predictor:
    """An exported model, ready to predict.

    Args:
        path: The ONNX file.
        threads: Threads for one prediction; by default one a core.

    Raises:
        ModelError: There is no such file, or it is no ONNX model.
    """
    return Predictor(path, threads)


def _batch(columns: Mapping[str, Any]) -> pa.RecordBatch:
    """Lists, or NumPy arrays of any number of dimensions, by column name."""
    try:
        arrays = [
            to_arrow(each) if isinstance(each, np.ndarray) else pa.array(each) for each in columns.values()
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))
    except (ValueError, TypeError) as error:
        raise SchemaError(
            f"the columns make no record batch ({_first(error)})",
            hint="give columns of one length, each of one type",
        ) from error


def _check_raggedness(value: Any, wanted: bool, column: str) -> None:
    if isinstance(value, Ragged) == wanted:
        return
    expected, found = ("a list", "one value") if wanted else ("one value", "a list")
    raise SchemaError(
        f"the model wants {expected} a row, the column has {found}",
        feature=column,
        hint="give the column the training data had",
    )


def _tensor(value: Any, dtype: str, column: str) -> np.ndarray:
    """A column as the model wants it: numbers may become its floats, or wider integers."""
    found = "string" if isinstance(value, pa.Array) else str(value.dtype)
    if found == dtype:
        return value.to_numpy(zero_copy_only=False) if isinstance(value, pa.Array) else value
    numbers = not {dtype, found} & {"string", "bool"}
    if numbers and (np.can_cast(found, dtype) or dtype.startswith("float")):
        return value.astype(dtype)
    raise SchemaError(
        f"the column is {found}, the model wants {dtype}", feature=column, hint="cast the column"
    )


def _to_arrow(value: np.ndarray) -> pa.Array:
    return pa.array(value.tolist(), pa.string()) if value.dtype == object else to_arrow(value)


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
