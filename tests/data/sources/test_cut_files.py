"""A file that is cut at the end of a row while it is read is an error: its size at opening promises more."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.errors import HeadraceError
from headrace.records.reading import chunked, chunks
from headrace.storage import open_stream

SCHEMA = pa.schema({"x": pa.int64(), "t": pa.string()})
ROWS = 1200
TEXT = "a" * 10_000
READERS: dict[str, Callable[[Path], Any]] = {
    "csv": lambda path: Dataset.from_csv(path, schema=SCHEMA),
    "jsonl": lambda path: Dataset.from_json_lines(path, schema=SCHEMA),
    "csv.gz": lambda path: Dataset.from_csv(path, schema=SCHEMA),
    "jsonl.gz": lambda path: Dataset.from_json_lines(path, schema=SCHEMA),
    "tfrecord": lambda path: records.read(path, SCHEMA, batch_size=8, threads=1),
    "tfrecord, threads": lambda path: records.read(path, SCHEMA, batch_size=8, threads=2),
    "tfrecord, skipping": lambda path: records.read(path, SCHEMA, batch_size=8, on_corrupt="skip"),
    "tfrecord.gz": lambda path: records.read(path, SCHEMA, batch_size=8),
}


def lay_out(kind: str, path: Path) -> int:
    """Write a file, and return the offset of a row behind the middle."""
    kind, _, packed = kind.partition(",")[0].partition(".")
    if kind == "csv":
        parts = ["x,t\n", *(f"{row},{TEXT}\n" for row in range(ROWS))]
        pieces = [part.encode() for part in parts]
    elif kind == "jsonl":
        pieces = [f'{{"x":{row},"t":"{TEXT}"}}\n'.encode() for row in range(ROWS)]
    else:
        (name,) = records.write(path.with_suffix(""), pa.table({"x": [*range(ROWS)], "t": [TEXT] * ROWS}))
        data = Path(name).read_bytes()
        step = len(data) // ROWS
        places = records.RecordFile(name)._index.offsets.tolist()  # pyright: ignore[reportPrivateUsage]
        assert step > 10_000
        pieces = [data[a:b] for a, b in zip(places, [*places[1:], len(data)], strict=True)]
    data = b"".join(pieces)
    path.write_bytes(gzip.compress(data, 0) if packed else data)
    return len(b"".join(pieces[: ROWS * 3 // 4]))


@pytest.mark.parametrize("kind", READERS)
def test_a_file_cut_at_the_end_of_a_row_while_it_is_read_is_an_error(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (chunks, chunked):
        monkeypatch.setattr(module, "CHUNK_SIZE", 1 << 18)  # files of many chunks
    path = tmp_path / f"a.{kind.partition(',')[0]}"
    place = lay_out(kind, path)
    batches = iter(READERS[kind](path))
    next(batches)
    os.truncate(path, place)
    with pytest.raises(HeadraceError, match=r"cut while it was read|[Cc]ompressed|truncated") as caught:
        for _ in batches:
            pass
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_stream_that_grows_is_read_and_one_that_shrinks_is_an_error(tmp_path: Path) -> None:
    path, buffer = tmp_path / "a", memoryview(bytearray(64))
    path.write_bytes(b"abc")
    opened = open_stream(str(path))
    path.write_bytes(b"abcdef")
    assert opened.stream.readinto(buffer) == 6
    assert not opened.stream.readinto(buffer)
    opened.stream.close()
    opened = open_stream(str(path))
    path.write_bytes(b"ab")
    assert opened.stream.readinto(buffer) == 2
    with pytest.raises(OSError, match="expected 6 bytes, got 2"):
        opened.stream.readinto(buffer)
    opened.stream.close()


@pytest.mark.parametrize("read", [Dataset.from_csv, Dataset.from_json_lines])
def test_a_file_cut_after_its_types_were_inferred_is_an_error(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    row = "{}\n" if read == Dataset.from_csv else '{{"x": {}}}\n'
    lines = ["x\n" if read == Dataset.from_csv else row.format(0), *map(row.format, range(99))]
    path.write_text("".join(lines))
    ds = read(path)
    rows = ds.num_rows
    path.write_text("".join(lines[:50]))
    with pytest.raises(HeadraceError, match=rf"the data was cut: \d+ rows, but {rows} when the types were"):
        list(ds)
