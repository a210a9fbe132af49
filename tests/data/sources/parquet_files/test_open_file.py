"""Damaged and unreadable Parquet files: an error of one line."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.data.sinks import write_parquet
from headrace.errors import HeadraceError, RecordError, SchemaError, UsageError


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("parquet") / "rows.parquet"
    table = pa.table({"x": range(10_000), "s": ["ab"] * 10_000})
    pq.write_table(table, path, row_group_size=1000, write_page_checksum=True)
    return path.read_bytes()


def read(path: Path, contents: bytes) -> int:
    path.write_bytes(contents)
    return sum(batch.num_rows for batch in Dataset.from_parquet(path))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda _: b"PAR1",
        lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1",
        lambda data: data[:-4] + b"PARE",
        lambda data: data[:-200] + bytes(192) + data[-8:],
        lambda data: data[:2000] + bytes(3000) + data[5000:],
    ],
    ids=["truncated", "magic only", "footer length", "encrypted footer", "footer", "pages"],
)
def test_a_damaged_file_is_refused_in_one_line(damage, data, tmp_path):
    with pytest.raises(RecordError, match=r"rows.parquet: the Parquet file is truncated or corrupt") as found:
        read(tmp_path / "rows.parquet", damage(data))
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("contents", [b"", b"a,b\n1,2\n", b"{}\n" * 1000], ids=["empty", "csv", "json"])
def test_a_file_of_another_format_is_refused(contents, tmp_path):
    with pytest.raises(SchemaError, match=r"rows.parquet: not a Parquet file"):
        read(tmp_path / "rows.parquet", contents)


def test_an_unreadable_file_is_refused(data, tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(data)
    ds = Dataset.from_parquet(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match=r"rows.parquet: cannot (be )?read"):
        list(ds)


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_file_that_is_cut_while_it_is_read(shuffled, data, tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(data)
    ds = Dataset.from_parquet(path)
    batches = iter(ds.shuffle(seed=0) if shuffled else ds)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(HeadraceError, match=r"rows.parquet"):
        list(batches)


TEXTS = pa.array([b"a", b"caf\xe9", b"c"]).view(pa.string())


@pytest.mark.parametrize(
    "column",
    [
        TEXTS,
        TEXTS.cast(pa.binary()).cast(pa.large_binary()).view(pa.large_string()),
        pa.ListArray.from_arrays(pa.array([0, 0, 3], pa.int32()), TEXTS),
        pa.FixedSizeListArray.from_arrays(pa.concat_arrays([TEXTS, TEXTS[:1]]), 1),
        pa.StructArray.from_arrays([TEXTS], ["q"]),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("shuffled", [False, True])
def test_strings_that_are_not_utf8_are_refused(column, shuffled, tmp_path):
    pq.write_table(pa.table({"s": column, "x": range(len(column))}), tmp_path / "a.parquet")
    ds = Dataset.from_parquet(tmp_path / "a.parquet")
    with pytest.raises(
        SchemaError, match=r"a.parquet, record 1: feature 's': expected UTF-8, got b'caf\\xe9'"
    ):
        list(ds.shuffle(seed=0) if shuffled else ds)
    assert len(list(Dataset.from_parquet(tmp_path / "a.parquet", columns=["x"]))) == 1


def test_a_dictionary_that_is_not_utf8_is_refused(tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array([0, 2, 1, 1]), TEXTS)
    pq.write_table(pa.table({"s": column}), tmp_path / "a.parquet")
    with pytest.raises(SchemaError, match=r"a.parquet: expected strings in UTF-8"):
        list(Dataset.from_parquet(tmp_path / "a.parquet"))


def test_a_missing_list_of_fixed_size_is_refused(tmp_path):
    """Arrow writes it, and does not read it back."""
    column = pa.array([[1, 2], None], pa.list_(pa.int64(), 2))
    pq.write_table(pa.table({"v": column}), tmp_path / "a.parquet")
    with pytest.raises(SchemaError, match=r"a.parquet: a list of fixed size is missing"):
        list(Dataset.from_parquet(tmp_path / "a.parquet"))
    batch = pa.record_batch({"v": column})
    with pytest.raises(SchemaError, match=r"feature 'v': Parquet cannot hold 1 missing values"):
        write_parquet(tmp_path / "b.parquet", [batch], batch.schema)


def test_rows_that_arrow_does_not_read_are_not_lost(tmp_path):
    """Arrow 25 reads no row of a list in pages of one byte."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": pa.array([[1]])}), path, data_page_size=1)
    if pq.read_table(path).num_rows == 1:
        assert len(list(Dataset.from_parquet(path))) == 1
    else:
        with pytest.raises(RecordError, match=r"expected 1 rows as the footer says, got 0"):
            list(Dataset.from_parquet(path))


@pytest.mark.parametrize("type_", [pa.timestamp("us"), pa.list_(pa.timestamp("us"))], ids=["times", "lists"])
def test_times_of_96_bits_far_from_today_are_read(type_: pa.DataType, tmp_path: Path) -> None:
    """Spark writes them; as nanoseconds, which Arrow reads them as, 9999-12-31 would be 1816-03-29."""
    times = [datetime(9999, 12, 31), datetime(1, 1, 1), datetime(2020, 2, 3, 4, 5, 6, 789), None]
    values = [times] if pa.types.is_list(type_) else times
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"t": pa.array(values, type_)}), path, use_deprecated_int96_timestamps=True)
    for ds in (Dataset.from_parquet(path), Dataset.from_parquet(path).shuffle(seed=0)):
        found = [value for batch in ds for value in batch["t"].to_pylist()]
        assert sorted(map(str, found)) == sorted(map(str, values))
