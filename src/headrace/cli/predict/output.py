"""Where the answers go: a file, or standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from io import RawIOBase
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import typer

from headrace.cli.options import refuse_existing
from headrace.data import sinks
from headrace.data.formats import Destination, Format, find_format
from headrace.errors import UsageError
from headrace.serving import to_text_values

if TYPE_CHECKING:
    from headrace.serving.files import FilePredictions, ImageFilePredictions

__all__ = ["Output", "choose_output"]

_FORMATS = ("jsonl", "csv", "parquet", "arrow")
_SECONDS = 0.5  # before progress is shown


@dataclass(frozen=True)
class Output:
    """Where the answers go, and how they are written.

    Attributes:
        path: The file; None is standard output.
        format: Its format.
    """

    path: str | None
    format: Format

    def write(self, predictions: FilePredictions | ImageFilePredictions) -> None:
        """Predict all rows and write the answers.

        Raises:
            UsageError: The file cannot be written to.
            SchemaError: What `FilePredictions` raises.
        """
        batches = map(self._prepare, predictions)
        if self.path is None:
            self._print(batches, predictions.num_rows)
            return
        first = next(batches)
        rows = _Counter(predictions.num_rows)
        with closing(rows.through(chain([first], batches))) as counted:
            made = self.format.write(counted, Destination(self.path, first.schema))
        typer.echo(f"{rows.count:,} {'row' if rows.count == 1 else 'rows'} → {made[0]}")

    def _prepare(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Convert numbers to those that text holds; the cells of CSV hold infinity."""
        if self.format.name not in ("jsonl", "csv"):
            return batch
        columns = [
            to_text_values(each)
            if self.format.name == "jsonl" or not sinks.fits_in_cell(each.type)
            else _widen(each)
            for each in batch.columns
        ]
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)

    def _print(self, batches: Iterator[pa.RecordBatch], total: int | None) -> None:
        first = next(batches)
        open_writer: Callable[[Any, pa.Schema], Any]
        open_writer = sinks.JsonLinesWriter if self.format.name == "jsonl" else sinks.CsvWriter
        writer = open_writer(_StandardOutput(), first.schema)
        is_shown = sys.stderr.isatty() and not sys.stdout.isatty()
        stream = chain([first], batches)
        for batch in _Counter(total).through(stream) if is_shown else stream:
            writer.write(batch)
        writer.close()


def choose_output(path: str | None, name: str | None, inputs: Sequence[str], force: bool) -> Output:
    """Choose where the answers go.

    Raises:
        UsageError: A format that answers cannot have, an existing file without --force, or one of the inputs.
    """
    allowed = _FORMATS[:2] if path is None else _FORMATS
    chosen = name or ("jsonl" if path is None else find_format(path).name)
    if chosen not in allowed:
        where = "standard output" if path is None else "a file of answers"
        hint = f"choose one of {', '.join(allowed)}"
        raise UsageError(f"{where} cannot be {chosen}", path=path, hint=hint)
    format_ = find_format("", chosen)
    if path is None:
        return Output(None, format_)
    if any(_is_same_file(path, each) for each in inputs):
        raise UsageError("the output is one of the inputs", path=path, hint="choose another path")
    refuse_existing(format_.output_paths(Destination(path, pa.schema([]))), force)
    return Output(path, format_)


def _widen(column: pa.Array) -> pa.Array:
    return column.cast(pa.float64()) if pa.types.is_floating(column.type) else column


def _is_same_file(path: str, other: str) -> bool:
    try:
        return Path(path).samefile(other)
    except OSError:
        return False


class _Counter:
    """Counts rows, and shows progress once it takes a while."""

    def __init__(self, total: int | None) -> None:
        self.count = 0
        self._total = total

    def through(self, batches: Iterator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
        started, bar = monotonic(), None
        with ExitStack() as stack:
            for batch in batches:
                yield batch
                self.count += batch.num_rows
                if bar is not None:
                    bar.advance(batch.num_rows)
                elif monotonic() - started > _SECONDS:
                    from headrace.progress import progress_bar  # loads rich, which takes a while

                    bar = stack.enter_context(
                        progress_bar("predict", self._total, unit="rows", done=self.count)
                    )


class _StandardOutput(RawIOBase):
    """Standard output as bytes, also where a test has replaced it by text."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(bytes(data).decode())
        else:
            stream.write(data)
        return memoryview(data).nbytes
