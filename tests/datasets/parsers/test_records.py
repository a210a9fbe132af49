from pathlib import Path

import numpy as np
import pytest

from headrace.datasets.parsers.byte_range import ByteRange
from headrace.datasets.parsers.records import FixedRecords, check_labels
from headrace.errors import RecordError


@pytest.fixture
def records(tmp_path: Path) -> FixedRecords:
    """Ten records of three bytes in two ranges of a file."""
    path = tmp_path / "data.bin"
    path.write_bytes(bytes(range(32)))
    file = path.open("rb")
    return FixedRecords([ByteRange(file, 2, 12, str(path)), ByteRange(file, 14, 18, str(path))], 3)


@pytest.mark.parametrize("rows", [[], [9], [0, 1, 2, 3, 4, 5], [5, 4, 4, 0], [3, 4], [9, 8, 1, 2, 3]])
def test_records_are_read_in_any_order_and_over_the_ends_of_files(records, rows):
    expected = [[2 + 3 * row + byte for byte in range(3)] for row in rows]
    assert records.read(np.array(rows, np.int64)).tolist() == expected
    assert len(records) == 10


def test_a_file_of_another_size_is_refused(records):
    with pytest.raises(RecordError, match=r"data\.bin: expected records of 5 bytes each, got 12 bytes"):
        FixedRecords(records.ranges, 5)


def test_labels_beyond_the_classes_are_refused():
    check_labels(np.array([1, 10]), 10, "f", first=1)
    with pytest.raises(RecordError, match="f: expected labels from 0 to 9, got 10 in row 1"):
        check_labels(np.array([1, 10]), 10, "f")
