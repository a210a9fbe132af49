import gzip
import struct

import numpy as np
import pytest

from headrace.datasets.parsers.idx import read_idx, write_idx
from headrace.errors import RecordError, UsageError


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 4, 5)])
def test_a_written_array_is_read_back(tmp_path, shape):
    array = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    write_idx(tmp_path / "a.gz", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz", len(shape)), array)


def test_uncompressed_files_are_read(tmp_path):
    (tmp_path / "a.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
    assert read_idx(tmp_path / "a.idx", 1).tolist() == [5, 6, 7]


HEAD = bytes([0, 0, 8, 1])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected an idx file of unsigned bytes in 1 dimensions"),
        (b"hello, world", "expected an idx file.*got the header b'hell'"),
        (HEAD + b"\0\0", "expected an idx file"),
        (bytes([0, 0, 8, 3]) + bytes(12), "expected an idx file"),
        (bytes([0, 0, 13, 1]) + bytes(8), "expected an idx file"),
        (HEAD + struct.pack(">I", 5) + b"abc", "expected 5 bytes of data, got 3"),
        (HEAD + struct.pack(">I", 2) + b"abc", "expected 2 bytes of data, got at least 3"),
        (HEAD + struct.pack(">I", 2**32 - 1), "announces 4,294,967,295 bytes, the limit is"),
    ],
)
@pytest.mark.parametrize("name", ["a.idx", "a.gz"])
def test_damaged_files_are_refused(tmp_path, data, message, name):
    (tmp_path / name).write_bytes(gzip.compress(data) if name == "a.gz" else data)
    with pytest.raises(RecordError, match=message) as caught:
        read_idx(tmp_path / name, 1)
    assert caught.value.path == str(tmp_path / name)


def test_every_truncation_of_a_gz_is_refused(tmp_path):
    write_idx(tmp_path / "a.gz", np.arange(50, dtype=np.uint8))
    whole = (tmp_path / "a.gz").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "a.gz").write_bytes(whole[:length])
        with pytest.raises(RecordError):
            read_idx(tmp_path / "a.gz", 1)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot open the file"):
        read_idx(tmp_path / "a.gz", 1)
