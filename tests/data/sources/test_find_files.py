from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sinks import write_csv
from headrace.data.sources.find_files import find_files
from headrace.errors import RecordError, UsageError

TABLE = pa.table({"x": range(9)})


@pytest.fixture
def shards(tmp_path: Path) -> list[str]:
    return write_csv(tmp_path / "rows.csv", TABLE.to_batches(), TABLE.schema, shards=3)


def test_a_complete_set_is_found_by_its_pattern(shards: list[str], tmp_path: Path) -> None:
    assert list(find_files(tmp_path / "rows-*.csv")) == shards
    assert list(find_files(f"{tmp_path}/./rows-*.csv")) == shards


def test_a_missing_shard_is_named(shards: list[str], tmp_path: Path) -> None:
    Path(shards[1]).unlink()
    with pytest.raises(UsageError, match=r"rows-00001-of-00003.csv: "):
        Dataset.from_csv(tmp_path / "rows-*.csv")


def test_shards_that_are_named_or_excluded_by_the_pattern_are_not_missing(
    shards: list[str], tmp_path: Path
) -> None:
    (tmp_path / "rows.csv.manifest.json").unlink()
    assert list(find_files([shards[0], shards[2]])) == [shards[0], shards[2]]
    assert list(find_files(tmp_path / "rows-0000[02]-*.csv")) == [shards[0], shards[2]]
    Path(shards[1]).unlink()
    assert list(find_files(shards[2])) == [shards[2]]
    for several in ([shards[0], shards[2]], tmp_path / "rows-0000[02]-*.csv"):
        with pytest.raises(UsageError, match=r"rows-00001-of-00003\.csv: shard is missing: found 2 of 3"):
            find_files(several)


def test_a_shard_of_another_size_than_its_manifest_says_is_refused(shards: list[str], tmp_path: Path) -> None:
    with Path(shards[2]).open("a") as file:
        file.write("1\n")
    with pytest.raises(RecordError, match=r"rows-00002-of-00003.csv"):
        find_files(tmp_path / "rows-*.csv")


def test_a_file_url_is_a_local_path(shards: list[str]) -> None:
    assert find_files(f"file://{shards[0]}") == (shards[0],)


def test_urls_keep_their_protocol() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/find/a.csv": b"x\n1\n", "/find/b.csv": b"x\n2\n"})
    assert find_files("memory://find/*.csv") == ("memory:///find/a.csv", "memory:///find/b.csv")
    assert [row["x"] for batch in Dataset.from_csv("memory://find/*.csv") for row in batch.to_pylist()] == [
        1,
        2,
    ]
    memory.rm("/find", recursive=True)


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet", "arrow", "tfrecord"])
@pytest.mark.parametrize("is_listed", [False, True], ids=["a pattern", "what a shell makes of it"])
def test_a_pattern_of_everything_in_the_folder_reads_the_rows_alone(
    tmp_path: Path, format_: str, is_listed: bool
) -> None:
    """Beside shards lie the files that belong to them, such as their manifest, which is JSON."""
    Dataset.from_arrow(TABLE).write(tmp_path / "rows", format_, 2)
    files = sorted(map(str, tmp_path.iterdir()))
    assert any(file.endswith(".manifest.json") for file in files)
    opens = {
        "csv": Dataset.from_csv,
        "jsonl": Dataset.from_json_lines,
        "parquet": Dataset.from_parquet,
        "arrow": Dataset.from_arrow_ipc,
        "tfrecord": Dataset.from_records,
    }
    ds = opens[format_](files if is_listed else f"{tmp_path}/*")
    assert ds.schema.names == ["x"]
    assert [value for batch in ds for value in batch["x"].to_pylist()] == list(range(9))


def test_other_files_of_the_same_kind_are_read(tmp_path: Path) -> None:
    for name in ("other.jsonl.manifest.json", "rows-00000-of-00001.jsonl", "rows.schema.json"):
        (tmp_path / name).write_text('{"x": 1}\n')
    assert len(find_files(tmp_path / "*")) == 3
