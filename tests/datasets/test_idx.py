import gzip
import struct

import numpy as np
import pytest

from headrace.datasets.idx import read_idx, write_idx
from headrace.errors import RecordError, UsageError


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 4, 5)])
def test_what_is_written_is_read(tmp_path, shape):
    array = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    write_idx(tmp_path / "a.gz", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz", len(shape)), array)


def test_plain_files_are_read_too(tmp_path):
    (tmp_path / "a.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
    assert read_idx(tmp_path / "a.idx", 1).tolist() == [5, 6, 7]


HEAD = bytes([0, 0, 8, 1])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no idx file of unsigned bytes in 1 dimensions"),
        (b"hello, world", "no idx file.*starts with b'hell'"),
        (HEAD + b"\0\0", "no idx file"),
        (bytes([0, 0, 8, 3]) + bytes(12), "no idx file"),
        (bytes([0, 0, 13, 1]) + bytes(8), "no idx file"),
        (HEAD + struct.pack(">I", 5) + b"abc", "announces 5 bytes and has 3"),
        (HEAD + struct.pack(">I", 2) + b"abc", "announces 2 bytes and has at least 3"),
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


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be opened"):
        read_idx(tmp_path / "a.gz", 1)
