import contextlib
import gzip
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from headrace.data import Dataset
from headrace.data.sources import ArrowIpcSource
from headrace.data.sources.tables import ipc_rows
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
def test_columns_of_the_same_name_that_nothing_reads_do_not_stop_a_run(new: Any, tmp_path: Path) -> None:
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


CUT = """
import os, sys
import numpy as np
import pyarrow as pa
from headrace.data import Dataset
from headrace.data.sources import ArrowIpcSource
from headrace.data.sources.tables import ipc_rows
from headrace.errors import RecordError

words = pa.array([f"word {number}" for number in range(100)])
places = pa.DictionaryArray.from_arrays(pa.array([*range(100)] * 10, pa.int32()), words)
schema = pa.schema({"x": pa.int64(), "word": places.type})

def write(path, new):
    with new(path, schema) as writer:
        for start in range(0, 4000, 1000):
            writer.write_batch(pa.record_batch([pa.array(range(start, start + 1000)), places], schema=schema))

def read(path, order):
    if order == "mapped":
        ipc_rows._LOADED_BYTES = 0
        rows = ArrowIpcSource.from_paths(path).open_rows()
        return (rows.take(np.arange(start, 4000, 4)) for start in range(4))
    ipc_rows._LOADED_BYTES = 1 << 20
    ds = Dataset.from_arrow_ipc(path)
    if order == "cached":
        ds = ds.cache(path + ".cache")
        assert sum(batch.num_rows for batch in ds) == 4000
    return iter(ds.shuffle(seed=0).batch(1000) if order == "shuffled" else ds)

for kind, new in (("file", pa.ipc.new_file), ("stream", pa.ipc.new_stream)):
    for order in ("in order", "shuffled", "mapped", "cached"):
        path = f"{sys.argv[1]}/{kind} {order}"
        write(path, new)
        batches, message = read(path, order), ""
        found = [next(batches)]
        os.truncate(path + ".cache" if order == "cached" else path, 1000)
        try:
            found += batches
        except RecordError as error:
            message = str(error).partition(": ")[2]
        for batch in found:  # to touch a mapped file would end the process here
            assert batch["word"].to_pylist() == [f"word {x % 100}" for x in batch["x"].to_pylist()]
        print(f"{kind}, {order}: {sum(batch.num_rows for batch in found)} {message}", flush=True)
"""


def test_a_file_cut_while_it_is_read_leaves_its_batches_and_is_an_error_where_more_is_read(
    tmp_path: Path,
) -> None:
    done = subprocess.run([sys.executable, "-c", CUT, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    cut = "1000 the file was cut while it was read: expected "
    for name in ("in order", "mapped", "cached"):
        assert lines[f"file, {name}"].startswith(cut)
        assert lines[f"stream, {name}"].startswith(cut)
    assert lines["file, shuffled"] == lines["stream, shuffled"] == "4000 "  # small files are read as a whole


def test_a_file_replaced_while_it_is_mapped_is_read_to_its_end(tmp_path: Path) -> None:
    path, other = tmp_path / "a.arrow", tmp_path / "b.arrow"
    for name, rows in ((path, 300_000), (other, 3)):
        with pa.ipc.new_file(name, pa.schema({"x": pa.int64()})) as writer:
            writer.write_batch(pa.record_batch({"x": pa.array(range(rows))}))
    batches = iter(Dataset.from_arrow_ipc(path))
    first = next(batches)
    other.replace(path)
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 300_000


def encode(places: list[int], words: list[str | None], width: pa.DataType) -> pa.RecordBatch:
    return pa.record_batch({"x": pa.DictionaryArray.from_arrays(pa.array(places, width), pa.array(words))})


BATCHES = {
    "deltas": [encode([0, 1], ["a", "b"], pa.int32()), encode([2, 0], ["a", "b", "c"], pa.int32())],
    "replaced": [encode([0, 1], ["a", "b"], pa.int32()), encode([0, 1], ["c", "a"], pa.int32())],
    "nulls": [encode([0, 1], ["a", None], pa.int32()), encode([0, 1], [None, "b"], pa.int32())],
    "more words than one byte counts": [
        encode([*range(100)], [f"{number} {word}" for word in range(100)], pa.int8()) for number in range(3)
    ],
}


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("mapped", [False, True], ids=["loaded", "mapped"])
def test_dictionaries_that_differ_between_batches_are_combined(
    name: str, mapped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipc_rows, "_LOADED_BYTES", 0 if mapped else 1 << 20)
    batches, path = BATCHES[name], tmp_path / "a.arrows"
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=name == "deltas")
    with pa.ipc.new_stream(path, batches[0].schema, options=options) as file:
        for batch in batches:
            file.write_batch(batch)
    expected = [value for batch in batches for value in batch["x"].to_pylist()]
    sources = [Dataset.from_arrow_ipc(path), Dataset.from_arrow(pa.Table.from_batches(batches))]
    for ds in sources:
        for rows in (ds, ds.batch(250), ds.shuffle(seed=0)):
            found = [value for batch in rows for value in batch["x"].to_pylist()]
            assert sorted(map(str, found)) == sorted(map(str, expected))
