"""The row groups of a Parquet file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data.sources.parquet_files.open_file import read_metadata, wrap_parquet_errors
from headrace.errors import RecordError

__all__ = ["ParquetLayout"]

_MAX_BATCH_ROWS = 131_072
_MAX_BATCH_BYTES = 16 << 20  # estimated
_MIN_STRING_BYTES = 32  # per row; a smaller column chunk is dictionary-encoded, and its strings are longer
_MIN_GROUP_ROWS = 16_384  # on average; batches then end with their row group, as dictionaries do


@dataclass(frozen=True)
class ParquetLayout:
    """The row groups of a Parquet file.

    Attributes:
        group_rows: The number of rows of each row group.
        group_bytes: The uncompressed size of each row group.
        column_bytes: The uncompressed size of each column.
    """

    group_rows: Sequence[int]
    group_bytes: Sequence[int]
    column_bytes: Mapping[str, int]

    @classmethod
    def read(cls, path: str) -> ParquetLayout:
        """Read the layout from the footer of a file.

        Raises:
            HeadraceError: The errors of `wrap_parquet_errors`.
        """
        file = read_metadata(path)
        column_bytes = Counter[str]()
        with wrap_parquet_errors(path):
            roots = _find_roots(file.schema)
            groups = [file.row_group(number) for number in range(file.num_row_groups)]
            for group in groups:
                for place, root in enumerate(roots):
                    column_bytes[root] += group.column(place).total_uncompressed_size
            rows, sizes = [each.num_rows for each in groups], [each.total_byte_size for each in groups]
        if sum(rows) != file.num_rows or min(rows, default=0) < 0:
            what = f"the footer promises {file.num_rows:,} rows, and {sum(rows):,} in row groups"
            raise RecordError(what, path=path, hint="write or copy the file again")
        return cls(rows, sizes, column_bytes)

    @property
    def rows(self) -> int:
        """The number of rows of the file."""
        return sum(self.group_rows)

    def count_rows(self, groups: range | None) -> Sequence[int]:
        """List the number of rows of each of the row groups."""
        return self.group_rows if groups is None else [self.group_rows[group] for group in groups]

    def split_groups(self, min_bytes: int) -> list[range]:
        """Split the row groups into runs of at least `min_bytes`; into one run if batches span row groups."""
        runs, start, held = list[range](), 0, 0
        for group, bytes_ in enumerate(self.group_bytes):
            held += bytes_
            if held >= min_bytes and self._has_large_groups:
                runs.append(range(start, group + 1))
                start, held = group + 1, 0
        return [*runs, range(start, len(self.group_bytes))] if start < len(self.group_bytes) else runs

    def choose_batch_rows(self, schema: pa.Schema) -> int:
        """Choose the rows of a batch so that its size is bounded."""
        return max(1, min(_MAX_BATCH_ROWS, int(_MAX_BATCH_BYTES / max(self.estimate_row_bytes(schema), 1))))

    def estimate_row_bytes(self, schema: pa.Schema) -> float:
        """Estimate the size of a decoded row."""
        return sum(self._estimate_value_bytes(field) for field in schema)

    def has_dictionary(self, field: pa.Field) -> bool:
        """Return whether a column stores strings in dictionaries that are worth keeping.

        Stored plainly, the length of each string alone takes four bytes.
        """
        is_encoded = self.column_bytes[field.name] < 4 * self.rows
        return pa.types.is_string(field.type) and is_encoded and self._has_large_groups

    def list_reads(self, groups: range | None) -> list[list[int]]:
        """List the row groups to read at once; batch boundaries do not depend on the pruned columns."""
        chosen = list(range(len(self.group_rows)) if groups is None else groups)
        return [[group] for group in chosen] if self._has_large_groups else [chosen]

    @property
    def _has_large_groups(self) -> bool:
        whole = max(len(self.group_rows) - 1, 1)  # the last one has what remains
        return self.rows >= _MIN_GROUP_ROWS * whole

    def _estimate_value_bytes(self, field: pa.Field) -> float:
        try:
            return field.type.bit_width / 8
        except ValueError:  # not a type of fixed width
            return max(self.column_bytes[field.name] / max(self.rows, 1), _MIN_STRING_BYTES)


def _find_roots(schema: pq.ParquetSchema) -> list[str]:
    """Return for each stored column the name of the Arrow column that it is part of, which may have dots."""
    names = schema.to_arrow_schema().names
    roots, known = list[str](), set(names)
    for place in range(len(schema.names)):
        path = schema.column(place).path
        root = path
        while root not in known and "." in root:
            root = root.rpartition(".")[0]
        roots.append(root)
    return roots
