"""The bytes of a local file become a batch in few modules; resolving names and schemas comes before."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa

import headrace
from headrace.records import read, write
from headrace.records.reading.chunks import CHUNK_SIZE

PACKAGE = Path(headrace.__file__).parent
ROOMS = ("records", "parallel", "storage")


@contextmanager
def traced_modules() -> Iterator[set[str]]:
    """The modules whose functions are called meanwhile, in this thread and in those that it starts."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            module = path.relative_to(PACKAGE)
            if module.parts[0] in ROOMS:
                found.add(str(module))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_bytes_become_a_batch_in_at_most_seven_modules(tmp_path: Path) -> None:
    batch = pa.record_batch(
        {"number": range(200_000), "words": [["a", "word"]] * 200_000, "data": [b"x" * 40] * 200_000}
    )
    files = write(tmp_path / "train", [batch], shards=2)
    assert sum(Path(file).stat().st_size for file in files) > CHUNK_SIZE
    schema = next(read(files, threads=2)).schema  # warm
    with traced_modules() as to_open:
        batches = read(files, schema, threads=2)
    with traced_modules() as to_read:
        rows = sum(batch.num_rows for batch in batches)
    assert rows == 200_000
    print("from bytes to batches:", len(to_read), *sorted(to_read), sep="\n  ")
    print("with names and schema:", len(to_read | to_open), *sorted(to_read | to_open), sep="\n  ")
    assert len(to_read) <= 7
    assert len(to_read | to_open) <= 15  # finding files, and checking that their sets are complete, included
