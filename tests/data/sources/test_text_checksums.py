"""Shards of text are compared with the manifest of their set: a changed letter is an error."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import RecordError

TABLE = pa.table({"row": range(100), "word": [f"word {row}" for row in range(100)]})
OPEN = {"csv": Dataset.from_csv, "jsonl": Dataset.from_json_lines}


def write(folder: Path, format_: str) -> list[str]:
    return Dataset.from_arrow(TABLE).write(folder / "rows", format_, 3)


def change(path: str) -> None:
    data = Path(path).read_bytes()
    assert b"word 50" in data
    Path(path).write_bytes(data.replace(b"word 50", b"Word 50"))


@pytest.mark.parametrize("format_", OPEN)
def test_a_changed_letter_is_an_error_that_names_the_file_and_what_to_do(
    tmp_path: Path, format_: str
) -> None:
    paths = write(tmp_path, format_)
    assert pa.Table.from_batches(OPEN[format_](paths)).equals(TABLE)
    change(paths[1])
    expected = (
        f"{re.escape(paths[1])}: checksum .{{8}} does not match the manifest, expected .{{8}}; write the set"
    )
    with pytest.raises(RecordError, match=expected):
        list(OPEN[format_](paths))
    Path(f"{tmp_path}/rows.{format_}.manifest.json").unlink()
    changed = pa.Table.from_batches(OPEN[format_](paths))
    assert changed["word"][50].as_py() == "Word 50"


@pytest.mark.parametrize("format_", OPEN)
def test_a_set_that_is_written_again_has_new_checksums(tmp_path: Path, format_: str) -> None:
    list(OPEN[format_](write(tmp_path, format_)))
    Dataset.from_arrow(TABLE).map(lambda batch: batch).skip(1).write(tmp_path / "rows", format_, 3)
    again = OPEN[format_](f"{tmp_path}/rows-*.{format_}")
    assert pa.Table.from_batches(again)["row"].to_pylist() == list(range(1, 100))


@pytest.mark.parametrize("end", ["csv.gz", "csv.zst", "jsonl.gz"])
def test_compressed_shards_are_compared_too(tmp_path: Path, end: str) -> None:
    from headrace.data.sinks import write_csv, write_json_lines

    write_text = write_csv if end.startswith("csv") else write_json_lines
    paths = write_text(f"{tmp_path}/rows.{end}", TABLE.to_batches(), TABLE.schema, 2)
    read = OPEN[end.split(".")[0]]
    found = pa.Table.from_batches(read(paths))
    assert found.sort_by("row").equals(TABLE)


@pytest.mark.parametrize("format_", OPEN)
def test_reading_goes_on_in_the_middle_of_a_shard(tmp_path: Path, format_: str) -> None:
    ds = OPEN[format_](write(tmp_path, format_)).batch(7)
    iterator = iter(ds)
    for _ in range(8):
        next(iterator)
    state = iterator.state_dict()
    rest = [row for batch in iterator for row in batch["row"].to_pylist()]
    again = iter(ds)
    again.load_state_dict(state)
    assert [row for batch in again for row in batch["row"].to_pylist()] == rest == list(range(56, 100))
