"""Methods of a dataset that show its rows to people: in memory, in a shell, in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headrace.arguments import check_integer
from headrace.columns import to_python
from headrace.errors import HeadraceError, UsageError
from headrace.tables import to_frame

if TYPE_CHECKING:
    from headrace.data.pipeline import Source, Stage

__all__ = ["PresentationMethods"]

_SHOWN_ROWS, _SHOWN_CHARACTERS = 5, 80


class UnknownLengthError(UsageError, TypeError):
    """The number of rows is unknown; a TypeError too, so that `list(dataset)` goes without it."""


class PresentationMethods:
    """Methods that show a dataset."""

    if TYPE_CHECKING:
        source: Source
        stages: tuple[Stage, ...]

        @property
        def schema(self) -> pa.Schema: ...  # noqa: D102

        @property
        def num_rows(self) -> int | None: ...  # noqa: D102

        @property
        def spec(self) -> str: ...  # noqa: D102

        def __iter__(self) -> Iterator[pa.RecordBatch]: ...

    def head(self, rows: int = 5) -> pa.Table:
        """Return the first rows of the epoch as a table; no more batches are read than these rows need.

            >>> Dataset.from_arrays({"x": [1, 2, 3]}).head(2).to_pydict()
            {'x': [1, 2]}

        Raises:
            UsageError: `rows` is not an integer, or below 0.
        """
        left = check_integer(rows, "rows")
        batches: list[pa.RecordBatch] = []
        stream = iter(self)
        while left:
            batch = next(stream, None)
            if batch is None:
                break
            batches.append(batch.slice(0, left))
            left -= batches[-1].num_rows
        return _to_table(batches, self)

    def to_pandas(self) -> Any:
        """Read all rows of the epoch into a DataFrame of pandas.

        Integers and booleans with missing values become `Int64`, `boolean` and the like, so that no digit is
        lost; dictionaries become categories, and rows of tensors NumPy arrays.

            >>> Dataset.from_arrays({"id": [1, None]}).to_pandas().dtypes["id"]
            Int64Dtype()

        Raises:
            DependencyError: pandas is not installed.
        """
        return to_frame(_to_table(list(self), self))

    def __len__(self) -> int:
        """Count the rows of an epoch; `num_batches` counts batches.

        Raises:
            UsageError: The number of rows is unknown before reading.
        """
        hint = "sum(batch.num_rows for batch in dataset) reads all rows"
        try:
            rows = self.num_rows
        except HeadraceError as error:
            raise UnknownLengthError(f"the rows cannot be counted ({error})", hint=hint) from error
        if rows is None:
            raise UnknownLengthError("the number of rows is unknown before reading", hint=hint)
        return rows

    def __bool__(self) -> bool:
        """Return True, without counting rows."""
        return True

    def __repr__(self) -> str:
        """Describe the dataset in one line, without reading anything."""
        source = type(self.source).__name__
        table: Any = getattr(self.source, "table", None)
        if isinstance(table, pa.Table):
            source += f": {_count(table.num_rows, 'row')} of {_count(table.num_columns, 'column')}"
        return f"Dataset({source}{' | ' if self.spec else ''}{self.spec})"

    def _repr_html_(self) -> str:
        """Show the dataset in a notebook: columns and types, and the first rows of a table in memory."""
        title = f"<p><code>{html.escape(repr(self))}</code></p>"
        table: Any = getattr(self.source, "table", None)
        if self.stages or not isinstance(table, pa.Table):
            return f"{title}<p>head() reads the first rows.</p>"
        heads = "".join(
            f"<th>{html.escape(field.name)}<br><small>{html.escape(str(field.type))}</small></th>"
            for field in table.schema
        )
        columns = [map(to_python, column) for column in table.slice(0, _SHOWN_ROWS).columns]
        rows = "".join(f"<tr>{_show_row(row)}</tr>" for row in zip(*columns, strict=True))
        return f"{title}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _to_table(batches: list[pa.RecordBatch], dataset: PresentationMethods) -> pa.Table:
    return pa.Table.from_batches(batches, batches[0].schema if batches else dataset.schema)


def _show_row(row: Sequence[Any]) -> str:
    texts = ("" if value is None else str(value) for value in row)
    shown = (text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..." for text in texts)
    return "".join(f"<td>{html.escape(text)}</td>" for text in shown)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
