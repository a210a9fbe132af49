"""The parts of a dataset, and what their fingerprints distinguish."""

import os
import pickle
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.sinks import write_json_lines

BATCHES = [
    pa.record_batch({"x": [1.5, 2.5], "word": ["a", "b"]}),
    pa.record_batch({"x": [7.0], "word": ["c"]}),
]


def write_records(path, batch):
    records.write(path, [batch])
    return f"{path}"


def write_json(path, batch):
    write_json_lines(path, [batch], batch.schema)
    return path


def write_parquet(path, batch):
    pq.write_table(pa.Table.from_batches([batch]), path)
    return path


def write_csv(path, batch):
    pyarrow.csv.write_csv(batch, path)
    return path


KINDS = {
    "tfrecord": (write_records, Dataset.from_records),
    "jsonl": (write_json, Dataset.from_json_lines),
    "parquet": (write_parquet, Dataset.from_parquet),
    "csv": (write_csv, Dataset.from_csv),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def files(folder, kind):
    write, _ = KINDS[kind]
    return [write(f"{folder}/{number}.{kind}", batch) for number, batch in enumerate(BATCHES)]


def rows(batches):
    return [row for batch in batches for row in batch.to_pylist()]


def fingerprints(ds):
    return [part.fingerprint for part in ds.parts]


@every_kind
def test_every_file_is_a_part(kind, tmp_path):
    ds = KINDS[kind][1](files(tmp_path, kind))
    assert [rows(part) for part in ds.parts] == [rows([batch]) for batch in BATCHES]
    assert [rows(part) for part in pickle.loads(pickle.dumps(ds.parts))] == [rows([b]) for b in BATCHES]


@every_kind
def test_a_fingerprint_changes_with_the_file_alone(kind, tmp_path):
    paths = files(tmp_path, kind)
    read = KINDS[kind][1]
    before = fingerprints(read(paths))
    assert fingerprints(read(paths)) == before
    assert len(set(before)) == 2
    status = Path(paths[1]).stat()
    os.utime(paths[1], ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    after = fingerprints(read(paths))
    assert after[0] == before[0]
    assert after[1] != before[1]


@every_kind
def test_a_fingerprint_notices_a_change_that_keeps_size_and_time(kind, tmp_path):
    paths = files(tmp_path, kind)
    read = KINDS[kind][1]
    ds = read(paths)
    before = fingerprints(ds)
    status = Path(paths[1]).stat()
    data = bytearray(Path(paths[1]).read_bytes())
    data[data.rfind(b"c")] ^= 1
    Path(paths[1]).write_bytes(data)
    os.utime(paths[1], ns=(status.st_atime_ns, status.st_mtime_ns))
    assert Path(paths[1]).stat().st_mtime_ns == status.st_mtime_ns
    after = fingerprints(ds)
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_fingerprint_depends_on_schema_columns_and_options(tmp_path):
    csv, parquet, tfrecord = (files(tmp_path, kind)[0] for kind in ("csv", "parquet", "tfrecord"))
    found = [
        fingerprints(ds)[0]
        for ds in (
            Dataset.from_csv(csv),
            Dataset.from_csv(csv, pa.schema([("x", pa.float32())])),
            Dataset.from_parquet(parquet),
            Dataset.from_parquet(parquet, ["x"]),
            Dataset.from_records(tfrecord),
            Dataset.from_records(tfrecord, on_corrupt="skip"),
        )
    ]
    assert len(set(found)) == len(found)


def test_a_file_at_a_url_is_a_part():
    records.write("memory://parts/a.tfrecord", BATCHES[:1])
    before = fingerprints(Dataset.from_records("memory://parts/a.tfrecord"))
    assert fingerprints(Dataset.from_records("memory://parts/a.tfrecord")) == before
    records.write("memory://parts/a.tfrecord", BATCHES)
    assert fingerprints(Dataset.from_records("memory://parts/a.tfrecord")) != before
    fsspec.filesystem("memory").rm("parts", recursive=True)


def test_parts_in_memory_do_not_change_when_rows_are_appended():
    values = np.arange(150_000)
    parts = Dataset.from_arrays({"x": values}).parts
    assert [sum(b.num_rows for b in part) for part in parts] == [65_536, 65_536, 18_928]
    longer = fingerprints(Dataset.from_arrays({"x": np.append(values, 0)}))
    assert [part.fingerprint for part in parts][:2] == longer[:2]
    assert parts[2].fingerprint != longer[2]
    assert len(pickle.dumps(parts[2])) < 1.1 * 8 * 18_928


@pytest.mark.parametrize("folder", ["images", "text"])
def test_folders_have_no_parts(folder, tmp_path):
    assert getattr(Dataset, f"from_{folder}")(tmp_path).parts is None


def test_stages_that_only_reorder_rows_keep_fingerprints():
    ds = Dataset.from_arrow(BATCHES)
    assert fingerprints(ds.shuffle(1).prefetch(2)) == fingerprints(ds)
    assert fingerprints(ds.batch(1)) != fingerprints(ds)


def plus(number):
    def add(batch):
        return pa.record_batch({"x": pa.array(batch["x"].to_numpy() + number)})

    return add


def test_a_functions_code_and_closure_are_in_the_fingerprint():
    ds = Dataset.from_arrow(BATCHES)
    found = [
        *(fingerprints(ds.map(plus(number)))[0] for number in (1, 2)),
        fingerprints(ds.map(lambda batch: batch.slice(0)))[0],
        fingerprints(ds.map(lambda batch: batch.slice(00)[:]))[0],
        fingerprints(ds.filter(lambda batch: batch["x"].is_valid()))[0],
    ]
    assert len(set(found)) == len(found)
    assert fingerprints(ds.map(plus(1))) == fingerprints(ds.map(plus(1)))


GENERATOR = np.random.default_rng(0)


def draw(batch):
    return batch.set_column(0, "x", pa.array(GENERATOR.random(batch.num_rows)))


def test_a_fingerprint_is_never_the_same_if_the_result_cannot_be_known():
    ds = Dataset.from_arrow(BATCHES).map(draw)
    with pytest.warns(RuntimeWarning, match=r"nothing is reused .*map\(draw\) \(numpy.random.*Generator\)"):
        assert fingerprints(ds) != fingerprints(ds)
