"""Text that is not compressed is read on from the line where a saved position lies."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.iterator import seal_state
from headrace.data.sources.csv import records
from headrace.errors import UsageError

Read = Callable[[Path], Dataset]


def csv_text(rows: range) -> str:
    return "x,text\r\n" + "".join(f'{row},"a ""quoted""\r\nline {row}"\r\n' for row in rows)


def json_text(rows: range) -> str:
    return "".join(json.dumps({"x": row, "text": f"ä {row}"}, ensure_ascii=False) + "\n" for row in rows)


FORMATS: dict[str, tuple[str, Callable[[range], str], Callable[..., Dataset]]] = {
    "csv": ("csv", csv_text, Dataset.from_csv),
    "json": ("jsonl", json_text, Dataset.from_json_lines),
}


@pytest.fixture(params=FORMATS)
def text_format(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(records, "_CHUNK", 700)  # so that small files have several blocks
    monkeypatch.setattr("headrace.data.sources.json_blocks._BLOCK", 700)
    return FORMATS[request.param]


def write(folder: Path, text_format: Any, encoding: str = "utf-8", end: str = "\n") -> list[Path]:
    extension, make, _ = text_format
    paths: list[Path] = []
    for number, rows in enumerate((range(90), range(90, 91), range(91, 200))):
        paths.append(folder / f"{number}.{extension}")
        paths[-1].write_bytes((make(rows).removesuffix("\n") + end).encode(encoding))
    return paths


def states(ds: Dataset) -> list[tuple[dict[str, Any], list[pa.RecordBatch]]]:
    """Return the state after each batch, and the batches that follow."""
    iterator, whole = iter(ds), list(ds)
    found = [(iterator.state_dict(), whole)]
    for number in range(len(whole)):
        next(iterator)
        found.append((iterator.state_dict(), whole[number + 1 :]))
    return found


def resume(ds: Dataset, state: dict[str, Any]) -> list[pa.RecordBatch]:
    iterator = iter(ds)
    iterator.load_state_dict(json.loads(json.dumps(state)))
    return list(iterator)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("batch", [None, 7])
def test_every_position_continues(tmp_path, text_format, encoding, end, batch) -> None:
    if text_format[0] == "jsonl" and encoding == "utf-16":
        pytest.skip("JSON is UTF-8")
    paths = write(tmp_path, text_format, encoding, end)

    def read() -> Dataset:
        ds = text_format[2](paths)
        return ds if batch is None else ds.batch(batch)

    found = states(read())
    assert len(found) > 8
    assert [row for b in found[0][1] for row in b["x"].to_pylist()] == list(range(200))
    for state, expected in found:
        assert resume(read(), state) == expected


def test_text_before_the_position_is_not_read_again(tmp_path, text_format) -> None:
    paths = write(tmp_path, text_format)
    state, expected = states(text_format[2](paths))[-3]
    schema = text_format[2](paths).schema
    for path in paths[:2]:
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0] + b"broken\n")
    iterator = iter(text_format[2](paths, schema=schema))
    state = {
        **state,
        "source": iterator.state_dict()["source"],
        "pipeline": iterator.state_dict()["pipeline"],
    }
    iterator.load_state_dict(seal_state(state))
    assert list(iterator) == expected


def test_compressed_text_is_read_from_the_start(tmp_path, text_format) -> None:
    (path, *_) = write(tmp_path, text_format)
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for state, expected in states(text_format[2]([packed])):
        assert resume(text_format[2]([packed]), state) == expected
        assert state["cursor"] is None or isinstance(state["cursor"], int)


def test_a_position_that_counts_rows_is_read_from_the_start(tmp_path, text_format) -> None:
    paths = write(tmp_path, text_format)
    state = iter(text_format[2](paths)).state_dict()
    rows = resume(text_format[2](paths), seal_state({**state, "cursor": 150, "rows": 150}))
    assert [row for batch in rows for row in batch["x"].to_pylist()] == list(range(150, 200))


@pytest.mark.parametrize("offset", [1, 500, 10**9])
def test_a_byte_where_no_line_starts_is_refused(tmp_path, text_format, offset) -> None:
    paths = write(tmp_path, text_format)
    state = iter(text_format[2](paths)).state_dict()
    with pytest.raises(UsageError, match=f"no line starts at byte {offset:,}"):
        resume(text_format[2](paths), seal_state({**state, "cursor": [5, 0, offset, 6, 0], "rows": 5}))


def test_a_position_in_local_text_is_valid_for_the_same_text_that_cannot_seek(
    tmp_path, text_format, monkeypatch
) -> None:
    ds = text_format[2](write(tmp_path, text_format))
    found = states(ds)
    monkeypatch.setattr(type(ds.source), "can_seek_lines", False)
    for state, expected in found:
        assert resume(ds, state) == expected
