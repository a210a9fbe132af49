"""Predictions of an exported model, by ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import ModelError, SchemaError, UsageError
from headrace.parallel import return_freed_memory
from headrace.serving.answers import to_answers
from headrace.serving.empty_answers import count_rows, make_empty_answers
from headrace.serving.exact_arena import use_exact_arena
from headrace.serving.feed import Feeder, infer_inputs
from headrace.serving.images import IMAGE, answer_by_size, list_image_inputs, split_images
from headrace.serving.session import SHRINK, Session, make_options
from headrace.serving.signature import SIGNATURE_KEY, Input, Signature
from headrace.serving.unusual import Unusual, find_unusual
from headrace.storage import (
    check_seal,
    directory_exists,
    expand_home,
    file_exists,
    is_utf8,
    local_path,
    read_bytes,
)

__all__ = ["METADATA_FORMAT", "Predictor", "load"]

METADATA_FORMAT = "1"  # of the `headrace.*` entries in an ONNX file; files without one have this one

_OF_IMAGES = b'"encoding": "image"'  # in a signature, which lies at the end of a file
_MOST_METADATA = 16 << 20  # bytes
_LARGE_PHOTO = 4 << 20  # bytes of pixels
_OUT_OF_BOUNDS = ("out of bound", "out of data bounds", "inclusive range", "out of range", "invalid index")
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
        columns: The raw columns that it reads: those of the signature, or else of the tensors.
        signature: What the file says about its inputs and outputs; None if it has no signature.
        takes_images: Whether it reads a column of images.

    Raises:
        ModelError: The file does not exist, ONNX Runtime cannot load it, its metadata has another format, or
            its signature is damaged or of another version.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        self.path = expand_home(path)
        try:
            model, has_one_size = _read_model(self.path)
            options = make_options(threads)
            if not has_one_size:
                use_exact_arena(options)
            self._session = Session(model, options, providers=["CPUExecutionProvider"])
            metadata = self._session.get_modelmeta().custom_metadata_map
            tensors = {
                each.name: (_DTYPES.get(str(each.type), str(each.type)), list(each.shape))
                for each in self._session.get_inputs()
            }
            self.outputs = [each.name for each in self._session.get_outputs()]
            return_freed_memory()
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
        self.inputs = {name: dtype for name, (dtype, _) in tensors.items()}
        self.columns = infer_inputs(tensors) if self.signature is None else self.signature.inputs
        _check_tensors(self.columns, self.inputs, self.path)
        self._feeder = Feeder(self.columns)
        self.takes_images = bool(list_image_inputs(self.columns))

    def predict(self, data: Any) -> pa.RecordBatch:
        """Predict from raw rows.

        Args:
            data: One row as a dict, or a table in any form of `headrace.tables`, such as a record batch, a
                DataFrame, a dict of lists or NumPy arrays, a list of dicts. Columns that the model does not
                need are ignored; `headrace.serving.feed` says how values are cast. Images are paths, bytes,
                images of Pillow or arrays, of any sizes; for a model of images alone, one or a list of them.

        Returns:
            One column per output, in the order of `outputs`.

        Raises:
            UsageError: `data` is not a row or a table.
            SchemaError: A column is missing, or a value does not fit; names the column and the row.
            RecordError: An image cannot be decoded; names the file, or the column and the row.
        """
        return to_answers(self.run(data))

    def check(self, data: Any) -> list[Unusual]:
        """Find the values that training did not see, by the ranges and vocabularies of the signature.

        Such rows are answered, too; their answers are worth less.

        Returns:
            The values, by row and column; none for a file without a signature.

        Raises:
            UsageError, SchemaError: See `predict`.
        """
        columns = [each for each in self.columns if each.encoding != IMAGE]
        if self.signature is None or not columns:
            return []
        if len(columns) == len(self.columns):
            return find_unusual(columns, self._feeder.feed(data))
        return find_unusual(columns, Feeder(columns).feed(split_images(data, self.columns).others))

    def run(self, data: Any) -> dict[str, np.ndarray]:
        """Predict from raw rows like `predict`; returns NumPy arrays by output name."""
        if not self.takes_images:
            return self._run(self._feeder.feed(data))
        rows = split_images(data, self.columns)
        if not rows.images:
            return self._run(self._feeder.feed(rows.others))
        images = [each for each in self.columns if each.name in rows.images]
        feeder = Feeder([each for each in self.columns if each.name not in rows.images])
        others = feeder.select(rows.others) if len(images) < len(self.columns) else None
        return answer_by_size(rows, images, others, feeder.feed, self._run)

    def _run(self, feeds: dict[str, Any]) -> dict[str, np.ndarray]:
        if self.columns and not count_rows(feeds, self.columns[0]):
            return make_empty_answers(self._session.get_outputs())
        is_large = max((getattr(each, "nbytes", 0) for each in feeds.values()), default=0) >= _LARGE_PHOTO
        try:
            values = self._session.run(None, feeds, SHRINK if is_large else None)
        except Exception as error:
            raise self._explain(error, feeds) from error
        if is_large:  # the next one has another size, and uses little of it again
            return_freed_memory()
        return {name: np.asarray(value) for name, value in zip(self.outputs, values, strict=True)}

    def _explain(self, error: Exception, feeds: Mapping[str, Any]) -> SchemaError:
        """Name the index that a table of the model does not have, or else what ONNX Runtime says."""
        line = _first_line(error)
        if any(words in str(error).lower() for words in _OUT_OF_BOUNDS):
            integers = [each for each in self.columns if each.type in _INTEGERS and each.encoding is None]
            for each in find_unusual(integers, feeds):
                what = f"expected {each.expected} as in training, got {each.value!r}"
                hint = "fix the value: the model looks it up in a table, which does not have it"
                return SchemaError(what, record=each.row, feature=each.column, hint=hint)
        return SchemaError(f"ONNX Runtime rejected the batch ({line})", path=self.path)

    def check_columns(self, names: Sequence[str]) -> None:
        """Check that a table with columns of these names has all that the model needs.

        Raises:
            SchemaError: A column is missing.
        """
        wanted = {each.name for each in self.columns}
        self._feeder.check_columns([name for name in names if name in wanted], names)

    def predict_nothing(self) -> pa.RecordBatch:
        """Return the answers for no rows, from the types of the outputs alone; sizes that vary are 1."""
        empty = make_empty_answers(self._session.get_outputs())
        tensors = {
            name: np.zeros((len(value), *(size or 1 for size in value.shape[1:])), value.dtype)
            for name, value in empty.items()
        }
        return to_answers(tensors)


def load(path: str | os.PathLike[str], threads: int | None = None) -> Predictor:
    """Load an exported model.

    Args:
        path: The ONNX file.
        threads: Threads of one prediction; None uses one per core.

    Raises:
        ModelError: The file does not exist, or ONNX Runtime cannot load it.
    """
    return Predictor(path, threads)


def _read_model(path: str) -> tuple[bytes | str, bool]:
    """Check the bytes of a model; return its path, or the bytes where ONNX Runtime cannot open the path.

    Also returns whether the tensors of a row have the sizes of those of another; those of photos do not.

    ONNX Runtime keeps the bytes that it is given, beside the weights. The weights of a model that Headrace
    did not write may lie beside it, in files of their own.

    Raises:
        ModelError: The file does not exist, cannot be read or is damaged.
    """
    local = local_path(path)
    if local is not None and not file_exists(path):
        is_folder = directory_exists(path)
        what = "expected a file, got a folder" if is_folder else "the file does not exist"
        raise ModelError(what, path=path, hint="name the model in it" if is_folder else "check the path")
    try:
        data = read_bytes(path)
    except UsageError as error:
        raise ModelError(error.what, path=path, hint=error.hint) from error
    check_seal(data, path)
    has_one_size = data.find(_OF_IMAGES, max(0, len(data) - _MOST_METADATA)) < 0
    return data if local is None or not is_utf8(path) else str(local), has_one_size


def _check_tensors(columns: Iterable[Input], tensors: Mapping[str, str], path: str) -> None:
    """Check that the columns of the signature carry the tensors of the file, each once.

    Raises:
        ModelError: The signature is of another model.
    """
    named = {tensor for each in columns for tensor in each.tensors}
    other = sorted(named.symmetric_difference(tensors))
    if other:
        what = f"the signature does not match the model: one of them lacks the input '{other[0]}'"
        raise ModelError(what, path=path, hint="export the model again")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
