"""Checking and counting records."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.records import check, count, write


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def test_check_reports_every_file_and_its_first_error(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [numbers(10)], shards=2)
    second = Path(files[1])
    second.write_bytes(second.read_bytes()[:-1])
    report = check(tmp_path / "train")
    assert [(file.path, file.records) for file in report.files] == [(files[0], 5), (files[1], 4)]
    assert (report.ok, report.records) == (False, 9)
    assert report.files[0].error is None
    assert "record 4" in str(report.files[1].error)
    assert count(files[0]) == 5


def test_check_verifies_examples_against_a_schema(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(3)])
    assert check(path, schema=numbers(0).schema).ok
    report = check(path, schema=pa.schema([("n", pa.string())]))
    assert "feature 'n': expected string, got int64" in str(report.files[0].error)
