"""Predictions of an exported model, by ONNX Runtime."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa

from headrace.columns import Ragged, from_arrow, to_arrow
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.serving.signature import SIGNATURE_KEY, Signature
from headrace.storage import check_seal, expand_home, file_exists, is_utf8, local_path, read_bytes
from headrace.suggestions import find_similar
from headrace.tables import to_batch

__all__ = ["METADATA_FORMAT", "Predictor", "load"]

METADATA_FORMAT = "1"  # of the `headrace.*` entries in an ONNX file; files without one have this one

_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
_DTYPES = {
    "tensor(string)": "string",
    "tensor(double)": "float64",
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(bool)": "bool",
    **{f"tensor({name})": name for name in _INTEGERS},
}


class Predictor:
    """An exported model: raw columns in, named predictions out.

    Attributes:
        path: The ONNX file.
        inputs: Name to dtype of each input tensor.
        outputs: Names of the outputs.
        signature: What the file says about its inputs and outputs; None if it has no signature.

    Raises:
        ModelError: The file does not exist, ONNX Runtime cannot load it, its metadata has another format, or
            its signature is damaged or of another version.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = expand_home(path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                _read_model(self.path), options, providers=["CPUExecutionProvider"]
            )
            metadata = self._session.get_modelmeta().custom_metadata_map
            types = {each.name: str(each.type) for each in self._session.get_inputs()}
            self.outputs = [each.name for each in self._session.get_outputs()]
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot load the file ({_first_line(error)})",
                path=self.path,
                hint="name a file that headrace exported",
            ) from error
        found = metadata.get("headrace.format", METADATA_FORMAT)
        if found != METADATA_FORMAT:
            raise ModelError(
                f"the metadata has format {found!r}, expected {METADATA_FORMAT!r}",
                path=self.path,
                hint="use the version of Headrace that exported the file",
            )
        text = metadata.get(SIGNATURE_KEY)
        self.signature = None if text is None else Signature.from_json(text, self.path)
        self.inputs = {name: _DTYPES.get(type_, type_) for name, type_ in types.items()}

    def predict(self, data: Any) -> pa.RecordBatch:
        """Predict from raw rows.

        Args:
            data: A table in any form of `headrace.tables`, such as a record batch, a DataFrame, a dict of
                lists or NumPy arrays, a list of dicts. Columns that the model does not need are ignored.

        Returns:
            One column per output, in the order of `outputs`.

        Raises:
            SchemaError: A column is missing, or has the wrong type or shape.
        """
        results = self.run(data if isinstance(data, pa.RecordBatch) else to_batch(data, self._columns))
        return pa.RecordBatch.from_arrays(
            [_convert_output(value) for value in results.values()], names=list(results)
        )

    def run(self, batch: pa.RecordBatch) -> dict[str, np.ndarray]:
        """Predict from raw rows like `predict`; returns NumPy arrays by output name."""
        feeds = self._make_feeds(batch)
        try:
            values = self._session.run(None, feeds)
        except Exception as error:
            raise SchemaError(
                f"ONNX Runtime rejected the batch ({_first_line(error)})", path=self.path
            ) from error
        return {name: np.asarray(value) for name, value in zip(self.outputs, values, strict=True)}

    @property
    def _columns(self) -> set[str]:
        """The columns that inputs may come from: those of their names, and `x` of `x.values`."""
        return {*self.inputs, *(name.rpartition(".")[0] for name in self.inputs)}

    def _make_feeds(self, batch: pa.RecordBatch) -> dict[str, Any]:
        feeds: dict[str, Any] = {}
        for name, dtype in self.inputs.items():
            column, _, part = (
                name.rpartition(".") if name not in batch.schema.names and "." in name else (name, "", "")
            )
            value = from_arrow(self._find_column(batch, column), column)
            _check_raggedness(value, bool(part), column)
            if isinstance(value, Ragged):
                value = value.row_splits if part == "row_splits" else value.values
            feeds[name] = _convert_column(value, dtype, column)
        return feeds

    def _find_column(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        index = batch.schema.get_field_index(name)
        if index >= 0:
            return batch.column(index)
        hint = find_similar(name, batch.schema.names) or f"the model needs {', '.join(self.inputs)}"
        raise SchemaError("the column is missing", feature=name, hint=hint)


def load(path: str | os.PathLike[str], threads: int | None = None) -> Predictor:
    """Load an exported model.

    Args:
        path: The ONNX file.
        threads: Threads of one prediction; None uses one per core.

    Raises:
        ModelError: The file does not exist, or ONNX Runtime cannot load it.
    """
    return Predictor(path, threads)


def _read_model(path: str) -> bytes | str:
    """Read a model and check its bytes; return the path of one that Headrace did not write.

    The weights of such a model may lie beside it, in files of their own.

    Raises:
        ModelError: The file does not exist, cannot be read or is damaged.
    """
    local = local_path(path)
    if local is not None and not file_exists(path):
        raise ModelError("the file does not exist", path=path, hint="check the path")
    try:
        data = read_bytes(path)
    except UsageError as error:
        raise ModelError(error.what, path=path, hint=error.hint) from error
    is_ours = check_seal(data, path)
    return data if is_ours or local is None or not is_utf8(path) else path


def _check_raggedness(value: Any, ragged: bool, column: str) -> None:
    if isinstance(value, Ragged) == ragged:
        return
    expected, found = ("a list", "one value") if ragged else ("one value", "a list")
    raise SchemaError(
        f"expected {expected} per row, got {found} per row",
        feature=column,
        hint="pass the column as in the training data",
    )


def _convert_column(value: Any, dtype: str, column: str) -> np.ndarray:
    """Convert a column to the dtype of the model's input: numbers to floats or to wider integers."""
    found = "string" if isinstance(value, pa.Array) else str(value.dtype)
    if found == dtype:
        return value.to_numpy(zero_copy_only=False) if isinstance(value, pa.Array) else value
    numbers = not {dtype, found} & {"string", "bool"}
    if numbers and (np.can_cast(found, dtype) or dtype.startswith("float")):
        return value.astype(dtype)
    raise SchemaError(f"expected a column of {dtype}, got {found}", feature=column, hint="cast the column")


def _convert_output(value: np.ndarray) -> pa.Array:
    return pa.array(value.tolist(), pa.string()) if value.dtype == object else to_arrow(value)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
