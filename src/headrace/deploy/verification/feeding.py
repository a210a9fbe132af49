"""The ways of feeding rows to a deployed model: tables as people hold them, and files."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from headrace import records
from headrace.columns import from_arrow
from headrace.data.formats import Origin
from headrace.serving import Predictor
from headrace.serving.files import predict_files
from headrace.tables import to_frame

__all__ = ["FILES", "TABLES", "CannotCarryError", "feed_file", "feed_table"]


class CannotCarryError(Exception):
    """Rows that a form of tables cannot hold, such as lists in CSV."""


class _Forks:
    """Whether this process is a fork of one in which Polars ran, and would wait for threads that are gone."""

    lost_polars = False

    @classmethod
    def note(cls) -> None:
        cls.lost_polars = cls.lost_polars or "polars" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Forks.note)


def _to_polars(batch: pa.RecordBatch) -> Any:
    if _Forks.lost_polars:
        raise CannotCarryError("Polars does not run in a forked process")
    import polars

    return polars.from_arrow(pa.Table.from_batches([batch]))


def _to_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    if not batch.num_rows:
        raise CannotCarryError("an empty list has no columns")
    return batch.to_pylist()


def _to_json_values(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    try:
        return json.loads(json.dumps(_to_json(_to_rows(batch)), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise CannotCarryError(f"JSON cannot hold the rows: {error}") from error


def _to_json(value: Any) -> Any:
    """Convert to what JSON holds, as people do: dates as ISO 8601, NaN as null."""
    if isinstance(value, dict):
        return {name: _to_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_to_json(each) for each in value]
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return None if isinstance(value, float) and value != value else value


TABLES: Mapping[str, Callable[[pa.RecordBatch], Any]] = {
    "Arrow": lambda batch: batch,
    "dict": lambda batch: batch.to_pydict(),
    "list of dicts": _to_rows,
    "JSON": _to_json_values,
    **({"pandas": lambda batch: to_frame(pa.Table.from_batches([batch]))} if find_spec("pandas") else {}),
    **({"Polars": _to_polars} if find_spec("polars") else {}),
}


def _write_csv(batch: pa.RecordBatch, path: str) -> None:
    from pyarrow.csv import write_csv

    write_csv(batch, path)


def _write_json_lines(batch: pa.RecordBatch, path: str) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _to_json_values(batch))
    Path(path).write_text("".join(lines), encoding="utf-8")


def _write_parquet(batch: pa.RecordBatch, path: str) -> None:
    from pyarrow.parquet import write_table

    write_table(pa.Table.from_batches([batch]), path)


def _write_records(batch: pa.RecordBatch, path: str) -> None:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_float64(column.type) and not column.cast(pa.float32()).cast(pa.float64()).equals(
            column
        ):
            raise CannotCarryError(f"records hold float32, and '{name}' is float64")
    records.write(path, [batch])


FILES: Mapping[str, tuple[str, Callable[[pa.RecordBatch, str], None]]] = {
    "CSV": ("rows.csv", _write_csv),
    "JSON lines": ("rows.jsonl", _write_json_lines),
    "Parquet": ("rows.parquet", _write_parquet),
    "records": ("rows.tfrecord", _write_records),
}


def _nest_tensors(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with lists of lists for tensors, as people write them; Arrow gives flat lists."""
    columns = [
        pa.array(each.to_numpy_ndarray().tolist())
        if isinstance(each, pa.FixedShapeTensorArray) and len(each) and not each.null_count
        else each
        for each in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def feed_table(predictor: Predictor, way: str, batch: pa.RecordBatch) -> dict[str, NDArray[Any]]:
    """Predict rows that are held in one of the `TABLES`.

    Raises:
        CannotCarryError: The table cannot hold the rows.
    """
    try:
        table = TABLES[way](batch if way == "Arrow" else _nest_tensors(batch))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise CannotCarryError(_shorten(error)) from error
    return _to_arrays([predictor.predict(table)])


def feed_file(predictor: Predictor, way: str, batch: pa.RecordBatch, folder: str) -> dict[str, NDArray[Any]]:
    """Predict rows that lie in one of the `FILES`, as `headrace predict` does.

    Args:
        predictor: The model.
        way: The kind of file.
        batch: The rows.
        folder: An empty folder for the file.

    Raises:
        CannotCarryError: The file cannot hold the rows.
    """
    name, write = FILES[way]
    path = str(Path(folder) / name)
    try:
        write(batch if name.endswith((".parquet", ".tfrecord")) else _nest_tensors(batch), path)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise CannotCarryError(_shorten(error)) from error
    return _to_arrays(list(predict_files(predictor, [Origin(path)])))


def _to_arrays(answers: list[pa.RecordBatch]) -> dict[str, NDArray[Any]]:
    """Convert predictions back to NumPy arrays, as `Predictor.run` returns them."""
    table = pa.Table.from_batches(answers)
    values = {name: from_arrow(table[name].combine_chunks(), name) for name in table.column_names}
    return {
        name: _to_objects(value) if isinstance(value, pa.Array) else value for name, value in values.items()
    }


def _to_objects(strings: pa.Array) -> NDArray[Any]:
    return strings.to_numpy(zero_copy_only=False)


def _shorten(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
