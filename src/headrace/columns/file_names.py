"""The names of the files whose contents are the rows of a batch, for errors."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pyarrow as pa

from headrace.errors import RecordError

__all__ = ["find_file_name", "name_files"]

_NAMES = ("filename", "__key__")  # of folders, and of webdataset


def find_file_name(batch: pa.RecordBatch, row: int) -> str | None:
    """Return the name of the file that a row holds, with its folder; None if no column names it."""
    name = next((name for name in _NAMES if name in batch.schema.names), None)
    if name is None or not 0 <= row < batch.num_rows:
        return None
    folder = batch["label"][row].as_py() if "label" in batch.schema.names else None
    file = str(batch[name][row].as_py())
    return f"{folder}/{file}" if name == "filename" and isinstance(folder, str) else file


@contextmanager
def name_files(batch: pa.RecordBatch, first_row: int = 0) -> Generator[None]:
    """Name the file in an error about a row of `batch`; else count the row from `first_row`.

    Raises:
        RecordError: The block raised one.
    """
    try:
        yield
    except RecordError as error:
        if error.path is not None or error.record is None:
            raise
        path = find_file_name(batch, error.record)
        raise RecordError(
            error.what,
            path=path,
            record=first_row + error.record if path is None else None,
            feature=error.feature,
            hint=error.hint,
        ) from error
