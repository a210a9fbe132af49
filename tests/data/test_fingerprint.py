"""What the fingerprints and cache keys of files notice, and what they cost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.fingerprint import (
    files_cache_key,
    files_fingerprint,
    fingerprint,
    rows_cache_key,
    source_fingerprint,
)
from headrace.errors import UsageError

MB = 1 << 20


def write(path: Path, size: int, seed: int = 0) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.random.default_rng(seed).bytes(size))
    return str(path)


def flip(path: str, place: int) -> None:
    """Change a byte, and neither the size nor the time of modification."""
    status = Path(path).stat()
    with open(path, "r+b") as file:  # noqa: PTH123
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_values_are_not_confused_with_their_concatenation() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc") != fingerprint("abc")
    assert len(fingerprint(b"", "\udcff")) == 32


def test_every_one_of_100_changes_of_files_is_noticed(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    sizes = (1, 1000, 70_000, MB)
    files = [write(tmp_path / f"{number}.bin", size, number) for number, size in enumerate(sizes)]
    seen = {files_fingerprint(files)}
    keys = {files_cache_key(files)}
    for number in range(100):
        place = number % len(files)
        flip(files[place], int(random.integers(sizes[place])) if sizes[place] > 1 else 0)
        seen.add(files_fingerprint(files))
        keys.add(files_cache_key(files))
        if sizes[place] == 1:  # the byte is back at each second change
            with open(files[place], "r+b") as file:  # noqa: PTH123
                file.write(bytes([number]))
            seen.add(files_fingerprint(files))
    assert len(seen) >= 101
    assert len(keys) >= 100


def test_other_data_of_the_same_names_sizes_and_times_is_noticed(tmp_path: Path) -> None:
    for size in (100 * MB // 4, 1000):
        files = [
            write(tmp_path / "a" / f"{size}.bin", size, 1),
            write(tmp_path / "b" / f"{size}.bin", size, 2),
        ]
        for file in files:
            os.utime(file, ns=(0, 0))
        assert files_fingerprint(files[:1]) != files_fingerprint(files[1:])


def test_names_order_and_options_count_and_folders_do_not(tmp_path: Path) -> None:
    a, b = write(tmp_path / "here" / "a", 10, 1), write(tmp_path / "here" / "b", 10, 2)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    os.utime(tmp_path / "there" / "a", ns=(0, 0))
    there = [str(tmp_path / "there" / name) for name in "ab"]
    assert files_fingerprint([a, b]) == files_fingerprint(there)
    assert files_cache_key([a, b]) != files_cache_key(there)
    schema = pa.schema({"x": pa.int8()})
    found = {
        files_fingerprint([a, b]),
        files_fingerprint([b, a]),
        files_fingerprint([a]),
        files_fingerprint([a, b, a]),
        files_fingerprint([a, b], "csv"),
        files_fingerprint([a, b], schema=schema),
        files_fingerprint([a, b], names=["b", "a"]),
        files_fingerprint([]),
    }
    assert len(found) == 8


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    for digest in (files_fingerprint, files_cache_key):
        with pytest.raises(UsageError, match=r"nowhere\.csv.*cannot be read"):
            digest([str(tmp_path / "nowhere.csv")])


def test_large_and_many_files_are_sampled(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"")
    os.truncate(tmp_path / "large", 1 << 40)
    many = [write(tmp_path / f"{number}.jpg", 100_000, number) for number in range(1000)]
    before = (
        files_fingerprint([str(tmp_path / "large")]),
        files_fingerprint(many),
    )  # a terabyte would take hours
    flip(many[0], 0)
    assert files_fingerprint(many) != before[1]
    flip(many[0], 0)
    flip(many[17], 50_000)
    assert files_fingerprint(many) == before[1]
    os.truncate(many[17], 99_999)
    flip(many[0], 0)
    assert files_fingerprint(many) != before[1]  # of the file that is not sampled, the size
    os.truncate(tmp_path / "large", (1 << 40) + 1)
    assert files_fingerprint([str(tmp_path / "large")]) != before[0]


def test_a_file_at_a_url_is_identified_by_what_its_file_system_says() -> None:
    fs = fsspec.filesystem("memory")
    urls = ["memory://fingerprint/a.bin"]
    fs.pipe("/fingerprint/a.bin", b"one")
    before = files_fingerprint(urls), files_cache_key(urls)
    assert before == (files_fingerprint(urls), files_cache_key(urls))
    fs.pipe("/fingerprint/a.bin", b"two")
    assert files_fingerprint(urls) != before[0]
    assert files_cache_key(urls) != before[1]
    fs.rm("/fingerprint", recursive=True)


def test_a_source_without_a_fingerprint_has_that_of_its_schema() -> None:
    class Rows:
        schema = pa.schema({"x": pa.int8()})

    ds = Dataset.from_arrays({"x": [1, 2]})
    assert source_fingerprint(ds.source) == ds.source.fingerprint
    assert source_fingerprint(Rows()) == source_fingerprint(Rows())


def draw() -> list[dict[str, float]]:
    return [{"x": GENERATOR.random()}]


def count() -> list[dict[str, int]]:
    return [{"x": number} for number in range(3)]


GENERATOR = np.random.default_rng(0)


def test_a_cache_key_is_none_if_the_rows_may_change_unnoticed() -> None:
    known, unknown = Dataset.from_generator(count), Dataset.from_generator(draw)
    assert rows_cache_key(known.source) == rows_cache_key(Dataset.from_generator(count).source) is not None
    assert rows_cache_key(unknown.source) is None
    assert rows_cache_key(Dataset.concatenate([known, known]).source) is not None
    assert rows_cache_key(Dataset.concatenate([known, unknown]).source) is None
    mapped = known.map(lambda batch: batch.slice(GENERATOR.integers(1)))
    assert rows_cache_key(mapped.source, mapped.stages) is None
    assert rows_cache_key(Dataset.concatenate([known, mapped]).source) is None


def test_tables_in_memory_are_compared_by_all_values() -> None:
    values = np.arange(100_000)
    before = Dataset.from_arrays({"x": values}).source.fingerprint
    assert Dataset.from_arrays({"x": values.copy()}).source.fingerprint == before
    for place in (0, 50_000, 99_999):
        other = values.copy()
        other[place] += 1
        assert Dataset.from_arrays({"x": other}).source.fingerprint != before
    assert Dataset.from_arrays({"y": values}).source.fingerprint != before
