"""The files of the benchmark: a model, a CSV file, and rows as they come in a request."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["DICTS", "REQUEST_ROWS", "WORKLOADS", "Files", "write_rows"]

WORKLOADS = {"housing": 2_000_000, "small": 300}  # rows of the CSV file
DICTS = 2000  # predicted one by one, in a pass
REQUEST_ROWS = 1024


@dataclass(frozen=True)
class Files:
    """The paths in a directory.

    Attributes:
        directory: The directory.
        rows: The number of rows of the CSV file.
    """

    directory: Path
    rows: int

    @property
    def model(self) -> Path:
        """The exported model."""
        return self.directory / "housing.onnx"

    @property
    def table(self) -> Path:
        """The rows in a CSV file."""
        return self.directory / f"housing-{self.rows}.csv"

    @property
    def one_row(self) -> Path:
        """A CSV file of one row."""
        return self.directory / "one.csv"

    @property
    def request(self) -> Path:
        """The rows of a request, a JSON list of objects."""
        return self.directory / "request.json"

    def read_request(self) -> list[dict[str, Any]]:
        """Read the rows of a request."""
        return json.loads(self.request.read_text())


def write_rows(files: Files, sample: Path) -> None:
    """Write the CSV files and the request, from the rows of the data set over and over.

    Args:
        files: The paths.
        sample: The compressed CSV file of the data set.
    """
    import pyarrow as pa
    from pyarrow import csv

    table = csv.read_csv(pa.BufferReader(gzip.decompress(sample.read_bytes())))
    files.request.write_text(json.dumps(table.slice(0, REQUEST_ROWS).to_pylist()))
    options = csv.WriteOptions(quoting_style="none")
    csv.write_csv(table.slice(0, 1), files.one_row, options)
    repeated = pa.concat_tables([table] * (files.rows // len(table) + 1)).slice(0, files.rows)
    csv.write_csv(repeated, files.table, options)
