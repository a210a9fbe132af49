"""Kernels over CSV text."""

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import CsvFault

class CsvScan:
    """What `scan_csv` found."""

    @property
    def end(self) -> int:
        """The bytes of the complete records, from the start."""
    @property
    def records(self) -> int:
        """The number of complete records."""
    @property
    def lines(self) -> int:
        """The line breaks in the complete records."""
    @property
    def fields(self) -> int:
        """The fields of the last record, or of the record at fault."""
    @property
    def line(self) -> int:
        """The line breaks before the last record, or before the field at fault."""
    @property
    def fault(self) -> CsvFault:
        """Why scanning stopped."""
    @property
    def column(self) -> int:
        """The number of the field at fault, from 0."""
    @property
    def start(self) -> int:
        """Where the text of the field at fault starts."""
    @property
    def stop(self) -> int:
        """Where the text of the field at fault ends."""

def scan_csv(
    data: bytes,
    delimiter: int,
    columns: int,
    final: bool,
    max_records: int,
    allowed: NDArray[np.uint16],
    seen: NDArray[np.uint16],
) -> CsvScan:
    """Find where the records of CSV text end, and check each.

    A blank line is a record of one empty field where there is one column; elsewhere it is skipped.

    Args:
        data: The text, from the start of a record.
        delimiter: The byte between fields.
        columns: The number of fields of each record; 0: as many as the first has.
        final: Whether the text ends here; otherwise an incomplete record at its end is left out.
        max_records: The number of records to stop after.
        allowed: For each column the kinds of its cells, bits of `CellKind`; empty: any.
        seen: For each column the kinds that occurred, to which those found are added in place; empty: none.
            Columns with `CellKind.TEXT` are left as they are.

    Raises:
        ValueError: `allowed` or `seen` has another length than `columns`.
    """

def split_csv_record(data: bytes, delimiter: int) -> list[tuple[bytes, bool]]:
    """Return the fields of the first record, without their quotes, and whether each was quoted."""

def cut_csv_columns(data: bytes, delimiter: int, columns: int, width: int) -> list[bytes]:
    """Divide CSV text by its columns: return the text of each `width` consecutive columns.

    Fields keep their quotes; records end with a line feed. Blank lines are left out where there are
    several columns.

    Args:
        data: Complete, well-formed records.
        delimiter: The byte between fields.
        columns: The number of fields of each record.
        width: The number of columns of each text but the last, which has those that are left.

    Raises:
        ValueError: A record has another number of fields, or `columns` or `width` is 0.
    """

def classify_cell(cell: bytes) -> int:
    """Return the kinds of a cell without its quotes, bits of `CellKind`."""
