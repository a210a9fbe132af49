"""What every registered source must do. A source without a case fails."""

import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.fingerprint import rows_cache_key
from headrace.data.pipeline import Divisible, Prunable
from headrace.data.sinks import find_image_columns, write_csv, write_images, write_json_lines, write_parquet
from headrace.data.sources import (
    ArrayRecordSource,
    ArrowIpcSource,
    ArrowSource,
    CsvSource,
    GeneratorSource,
    HiveParquetSource,
    HuggingFaceSource,
    ImageSource,
    JsonLinesSource,
    ParquetSource,
    RecordSource,
    TextSource,
    WebDatasetSource,
    list_sources,
)
from headrace.images import encode_png

TABLE = pa.table({"n": range(10), "word": [f"word {row}" for row in range(10)]})


def write_shards(write: Callable[..., list[str]], path: Path) -> list[str]:
    return write(path, TABLE.to_batches(max_chunksize=3), TABLE.schema, shards=3)


def images(folder: Path) -> ImageSource:
    pixels = encode_png(pa.array(range(64), pa.uint8()).to_numpy().reshape(8, 8))
    batch = pa.record_batch({"image": [pixels] * 4, "label": ["a", "b", "a", "b"]})
    (path,) = write_images(folder / "images", [batch], find_image_columns(batch.schema))
    return ImageSource.from_folder(path)


def texts(folder: Path) -> TextSource:
    for row in range(10):
        path = folder / "texts" / "ab"[row % 2] / f"{row}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text {row}")
    return TextSource.from_folder(folder / "texts")


def ipc(folder: Path) -> ArrowIpcSource:
    for number in range(3):
        with pa.ipc.new_file(folder / f"{number}.arrow", TABLE.schema) as writer:
            writer.write_table(TABLE.slice(number * 4, 4), max_chunksize=3)
    return ArrowIpcSource.from_paths(folder / "*.arrow")


def tars(folder: Path) -> WebDatasetSource:
    for number in range(3):
        with tarfile.open(folder / f"{number}.tar", "w") as archive:
            for row in range(number * 4, number * 4 + 4):
                for name, data in ((f"{row}.cls", str(row)), (f"{row}.txt", f"text {row}")):
                    member = tarfile.TarInfo(name)
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data.encode()))
    return WebDatasetSource.from_paths(folder / "{0..2}.tar")


def array_records(folder: Path) -> ArrayRecordSource:
    module = pytest.importorskip("array_record.python.array_record_module")
    for number in range(3):
        writer = module.ArrayRecordWriter(str(folder / f"{number}.array_record"), "group_size:2")
        for row in TABLE.slice(number * 4, 4).to_pylist():
            writer.write(records.encode_example(row))
        writer.close()
    return ArrayRecordSource.from_paths(folder / "*.array_record", TABLE.schema)


def huggingface(_folder: Path) -> HuggingFaceSource:
    datasets = pytest.importorskip("datasets")
    return HuggingFaceSource.from_dataset(datasets.Dataset(TABLE).shuffle(seed=0))


def hive(folder: Path) -> HiveParquetSource:
    for number in range(3):
        path = folder / f"part={number}" / "a.parquet"
        path.parent.mkdir()
        write_parquet(path, TABLE.slice(number * 4, 4).to_batches(), TABLE.schema)
    return HiveParquetSource.from_folder(str(folder))


CASES: dict[type, Callable[[Path], object]] = {
    ArrayRecordSource: array_records,
    ArrowIpcSource: ipc,
    ArrowSource: lambda _folder: ArrowSource.from_data(TABLE),
    CsvSource: lambda folder: CsvSource.from_paths(write_shards(write_csv, folder / "a.csv")),
    GeneratorSource: lambda _folder: GeneratorSource.from_function(TABLE.to_pylist),
    HiveParquetSource: hive,
    HuggingFaceSource: huggingface,
    ImageSource: images,
    JsonLinesSource: lambda folder: JsonLinesSource.from_paths(
        write_shards(write_json_lines, folder / "a.jsonl")
    ),
    ParquetSource: lambda folder: ParquetSource.from_paths(write_shards(write_parquet, folder / "a.parquet")),
    RecordSource: lambda folder: RecordSource.from_paths(
        records.write(folder / "a", TABLE.to_batches(), shards=3)
    ),
    TextSource: texts,
    WebDatasetSource: tars,
}


@pytest.fixture(params=CASES, ids=lambda case: case.__name__)
def source(request, tmp_path: Path):
    return CASES[request.param](tmp_path)


def test_every_source_has_a_case() -> None:
    assert set(CASES) == set(list_sources())


def test_two_reads_yield_the_same_batches(source) -> None:
    assert list(source.read()) == list(source.read())


def test_every_batch_has_the_schema_and_rows_are_counted(source) -> None:
    batches = list(source.read())
    assert all(batch.schema == source.schema for batch in batches)
    assert source.num_rows in (None, sum(batch.num_rows for batch in batches))


def test_parts_hold_the_rows_of_the_source_after_pickling_too(source) -> None:
    if not isinstance(source, Divisible):
        return
    parts = pickle.loads(pickle.dumps(source.divide()))
    assert next(batch.schema for part in parts for batch in part.read()) == source.schema
    rows = [row for part in parts for batch in part.read() for row in batch.to_pylist()]
    assert rows == [row for batch in source.read() for row in batch.to_pylist()]
    assert len({part.fingerprint for part in parts}) == len(parts)
    assert [part.fingerprint for part in parts] == [part.fingerprint for part in source.divide()]


@pytest.mark.parametrize("case", CASES.values(), ids=[case.__name__ for case in CASES])
def test_a_fingerprint_is_of_the_rows_wherever_they_lie(case, tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    assert case(tmp_path / "here").fingerprint == case(tmp_path / "there").fingerprint


@pytest.mark.parametrize("case", CASES.values(), ids=[case.__name__ for case in CASES])
def test_a_fingerprint_covers_every_file(case, tmp_path: Path) -> None:
    source = case(tmp_path)
    paths = [Path(path) for path in getattr(source, "files", ())]
    paths = paths or [path for path in tmp_path.rglob("*") if path.is_file()]
    seen, keys = {source.fingerprint}, {rows_cache_key(source)}
    for count, path in enumerate(paths, 2):
        status, data = path.stat(), bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        seen.add(source.fingerprint)
        keys.add(rows_cache_key(source))
        assert len(seen) == len(keys) == count


def test_rows_are_read_by_number(source) -> None:
    reader = source.open_rows() if hasattr(source, "open_rows") else None
    if reader is None:
        return
    rows = [row for batch in source.read() for row in batch.to_pylist()]
    assert reader.num_rows == len(rows)
    assert reader.row_bytes > 0
    numbers = np.random.default_rng(0).integers(len(rows), size=25)
    taken = reader.take(numbers)
    assert taken.schema == source.schema
    assert taken.to_pylist() == [rows[number] for number in numbers]
    assert reader.take(np.array([], np.int64)).num_rows == 0
    batches = list(reader.scan(0))
    start = 0
    for number, batch in enumerate(batches):
        assert list(reader.scan(start)) == batches[number:]
        start += batch.num_rows
    for start in range(len(rows) + 1):
        assert [row for batch in reader.scan(start) for row in batch.to_pylist()] == rows[start:]


def test_pruned_columns_hold_the_same_values(source) -> None:
    if not isinstance(source, Prunable):
        return
    name = source.schema.names[-1]
    pruned = source.prune_columns([name])
    assert next(batch.schema.names for batch in pruned.read()) == [name]
    assert [value for batch in pruned.read() for value in batch[name].to_pylist()] == [
        value for batch in source.read() for value in batch[name].to_pylist()
    ]


def test_a_source_is_pickled_after_its_rows_were_opened(source) -> None:
    rows = [row for batch in source.read() for row in batch.to_pylist()]
    if hasattr(source, "open_rows"):
        source.open_rows().take(np.arange(len(rows)))
    again = pickle.loads(pickle.dumps(source))
    assert [row for batch in again.read() for row in batch.to_pylist()] == rows


def test_iteration_resumes_at_every_batch(source) -> None:
    ds = Dataset(source).shuffle(seed=0).batch(3)
    batches = list(ds.epoch(1))
    for number in range(len(batches) + 1):
        iterator = iter(ds.epoch(1))
        for _ in range(number):
            next(iterator)
        resumed = iter(ds)
        resumed.load_state_dict(iterator.state_dict())
        assert list(resumed) == batches[number:]
