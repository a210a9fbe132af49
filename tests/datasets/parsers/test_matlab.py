"""MATLAB 5 files as SciPy 1.17.1 writes them (savemat, with do_compression and without), and damaged ones."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from headrace.datasets.parsers.matlab import read_matlab
from headrace.datasets.parsers.matlab_struct import read_matlab_struct
from headrace.errors import HeadraceError, RecordError, UsageError

FILES = Path(__file__).parent / "files"
every_file = pytest.mark.parametrize("name", ["scipy_compressed.mat", "scipy_plain.mat"])


@every_file
def test_numeric_arrays_have_the_values_that_were_saved(name):
    found = read_matlab(FILES / name)
    expected = {
        "X": np.arange(90, dtype=np.uint8).reshape(2, 3, 3, 5),
        "y": np.array([[1], [10], [3], [4], [5]], np.uint8),
        "labels": np.arange(300).reshape(1, 300) / 4,
        "long_name_of_an_array": np.arange(4, dtype=np.int16)[None],
    }
    assert set(found) == set(expected)  # texts, cells, structures and complex numbers are skipped
    for key, array in expected.items():
        assert found[key].dtype == array.dtype
        np.testing.assert_array_equal(found[key].load(), array)


@every_file
def test_structures_are_read_by_field(name):
    found = read_matlab_struct(FILES / name, "synsets", ["WNID", "num_children"])
    assert found == {"WNID": ["n02119789", "n02100735", "n00001740"], "num_children": [0.0, 0.0, 2.0]}
    with pytest.raises(RecordError, match="no array of structures 'other'"):
        read_matlab_struct(FILES / name, "other", [])
    with pytest.raises(RecordError, match="the structures lack the field 'depth'"):
        read_matlab_struct(FILES / name, "synsets", ["depth"])
    with pytest.raises(RecordError, match="expected a number or a text in the field 'children'"):
        read_matlab_struct(FILES / name, "synsets", ["children"])


@every_file
def test_every_truncation_and_flip_is_read_or_one_line(name, tmp_path):
    """None of them is an error of another library, or takes memory that a length claims."""
    whole = (FILES / name).read_bytes()
    path = tmp_path / "damaged.mat"
    refused = 0
    for place in range(0, len(whole), 11):
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        for data in (whole[:place], bytes(flipped)):
            path.write_bytes(data)
            error = read_all(path)
            assert error is None or "damaged.mat" in str(error)
            refused += error is not None
    assert refused > len(whole) / 11


def read_all(path: Path) -> HeadraceError | None:
    try:
        [array.load() for array in read_matlab(path).values()]
        read_matlab_struct(path, "synsets", ["WNID", "ILSVRC2012_ID"])
    except HeadraceError as error:
        return error
    return None


def test_big_endian_files_are_read(tmp_path):
    def element(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)

    body = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 1, 2)) + element(1, b"v")
    body += element(9, struct.pack(">dd", 0.5, -2.0))
    (tmp_path / "big.mat").write_bytes(b"MATLAB 5.0".ljust(124) + b"\x01\x00MI" + element(14, body))
    assert read_matlab(tmp_path / "big.mat")["v"].load().tolist() == [[0.5, -2.0]]


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.mat"
    with pytest.raises(UsageError, match=r"other\.mat: cannot open the file"):
        read_matlab(path)
    for data, message in (
        (b"", "not a MATLAB 5 file"),
        (b"<html>".ljust(200), "not a MATLAB 5 file"),
        (b"MATLAB 7.3 MAT-file".ljust(200), "this is a MATLAB 7.3 file, which is HDF5"),
    ):
        path.write_bytes(data)
        with pytest.raises(RecordError, match=message):
            read_matlab(path)


def test_a_length_that_the_file_does_not_have_is_refused(tmp_path):
    head = b"MATLAB 5.0".ljust(124) + b"\x00\x01IM"
    matrix = struct.pack("<II", 14, 1 << 31) + bytes(100)
    path = tmp_path / "long.mat"
    for data in (matrix, struct.pack("<II", 15, 60) + zlib.compress(matrix).ljust(60, b"\0")):
        path.write_bytes(head + data)
        with pytest.raises(RecordError, match="ends inside an element of 2,147,483,648 bytes"):
            read_matlab(path)
