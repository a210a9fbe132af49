import contextlib
import gzip
import random
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from headrace.data import Dataset
from headrace.data.sources import ArrowIpcSource
from headrace.errors import HeadraceError, RecordError, SchemaError

TABLE = pa.table(
    {
        "n": range(1000),
        "word": [f"word {row}" for row in range(1000)],
        "list": [list(range(row % 5)) for row in range(1000)],
        "bytes": [b"x" * (row % 7) for row in range(1000)],
    }
)


def write(path: Path, table: pa.Table = TABLE, kind: str = "file", **options: object) -> Path:
    new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with new(path, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=100)
    return path


def to_table(ds: Dataset) -> pa.Table:
    return pa.Table.from_batches(list(ds), ds.schema)


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("place", ["local", "remote"])
def test_files_and_streams_are_read(kind: str, compression: str | None, place: str, tmp_path: Path) -> None:
    path = str(write(tmp_path / "a.arrow", kind=kind, compression=compression))
    if place == "remote":
        fsspec.filesystem("memory").pipe("/ipc/a.arrow", Path(path).read_bytes())
        path = "memory://ipc/a.arrow"
    ds = Dataset.from_arrow_ipc(path)
    assert to_table(ds) == TABLE
    assert ds.num_rows == (None if (place, kind) == ("remote", "stream") else 1000)
    can_seek = place == "local" and compression is None
    assert (ArrowIpcSource.from_paths(path).open_rows() is not None) == can_seek
    assert Dataset.from_arrow_ipc(path, columns=["word", "n"]).schema.names == ["word", "n"]


def test_a_compressed_stream_or_file_is_read_from_the_start(tmp_path: Path) -> None:
    for kind in ("file", "stream"):
        path = write(tmp_path / "a.arrow", kind=kind)
        (tmp_path / "a.arrow.gz").write_bytes(gzip.compress(path.read_bytes()))
        ds = Dataset.from_arrow_ipc(tmp_path / "a.arrow.gz")
        assert to_table(ds) == TABLE
        assert ds.num_rows is None


def test_feather_version_2_is_read_and_version_1_is_refused(tmp_path: Path) -> None:
    pyarrow.feather.write_feather(TABLE, tmp_path / "a.feather")
    assert to_table(Dataset.from_arrow_ipc(tmp_path / "a.feather")) == TABLE
    (tmp_path / "b.feather").write_bytes(b"FEA1" + bytes(100))
    with pytest.raises(SchemaError, match="Feather version 1 is not supported"):
        list(Dataset.from_arrow_ipc(tmp_path / "b.feather"))


def test_files_of_different_schemas_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.arrow")
    write(tmp_path / "b.arrow", TABLE.select(["n"]))
    with pytest.raises(SchemaError, match=r"b.arrow: the columns differ from those of .*a.arrow"):
        list(Dataset.from_arrow_ipc(tmp_path / "*.arrow"))


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_truncated_file_is_an_error_at_every_length(kind: str, tmp_path: Path) -> None:
    data = write(tmp_path / "a.arrow", TABLE.slice(0, 150), kind=kind).read_bytes()
    for size in [*range(0, len(data), 97), len(data) - 1]:
        path = tmp_path / "cut.arrow"
        path.write_bytes(data[:size])
        with pytest.raises(HeadraceError, match=r"cut.arrow"):
            list(Dataset.from_arrow_ipc(path))


def test_corrupt_bytes_never_crash(tmp_path: Path) -> None:
    data = write(tmp_path / "a.arrow", TABLE.slice(0, 150)).read_bytes()
    chance = random.Random(0)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(8):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / "bad.arrow"
        path.write_bytes(damaged)
        for read in (lambda source: list(source.read()), take_all):
            with contextlib.suppress(HeadraceError):
                read(ArrowIpcSource.from_paths(path))


def take_all(source: ArrowIpcSource) -> None:
    reader = source.open_rows()
    assert reader is not None
    reader.take(np.arange(reader.num_rows)[::-1].copy())


def test_offsets_that_lie_outside_are_an_error(tmp_path: Path) -> None:
    table = pa.table({"word": ["abc", "defgh", "i"]})
    data = bytearray(write(tmp_path / "a.arrow", table).read_bytes())
    place = data.index(np.array([0, 3, 8, 9], np.int32).tobytes())
    data[place + 8 : place + 12] = np.int32(1 << 30).tobytes()
    (tmp_path / "a.arrow").write_bytes(data)
    source = ArrowIpcSource.from_paths(tmp_path / "a.arrow")
    with pytest.raises(RecordError, match="a batch is corrupt"):
        list(source.read())
    with pytest.raises(RecordError, match=r"a.arrow: a batch is corrupt"):
        take_all(source)


@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_columns_of_the_same_name_that_nothing_reads_do_not_stop_a_run(new, tmp_path: Path) -> None:
    path = tmp_path / ("a.arrow" if new is pa.ipc.new_file else "a.arrows")
    columns = [pa.array([1, 5]), pa.array([2, 6]), pa.array([3, 7]), pa.array([4, 8])]
    batch = pa.RecordBatch.from_arrays(columns, names=["a", "x", "x", "b"])
    with new(path, batch.schema) as file:
        file.write_batch(batch)
    ds = Dataset.from_arrow_ipc(path, columns=["b", "a"])
    assert ds.num_rows == 2
    for each in (ds, ds.shuffle(seed=0)):
        rows = [row for read in each for row in read.to_pylist()]
        assert sorted(rows, key=lambda row: row["a"]) == [{"b": 4, "a": 1}, {"b": 8, "a": 5}]
    for columns in (None, ["a", "x"]):
        with pytest.raises(SchemaError, match=r"'x': two columns have this name; .*, or read other columns"):
            list(Dataset.from_arrow_ipc(path, columns=columns))
