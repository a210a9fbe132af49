"""`headrace transform`: write a data set through a transform, ahead of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import headrace as hr

from .commands import error_line, run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ds = hr.Dataset.from_arrays({"x": np.arange(1000.0) + 0.5, "other": np.arange(1000)})
    ds.write(tmp_path / "raw", "csv", 3)
    transform = hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_0_1(x["x"])}, ds)
    transform.save(tmp_path / "run" / "transform")
    return tmp_path


def transform(folder: Path, *more: object) -> tuple[object, ...]:
    words = ("--transform", folder / "run" / "transform", "--out", folder / "out" / "train", *more)
    return ("transform", folder / "raw-*.csv", *words)


@pytest.mark.parametrize(
    ("words", "pattern", "read"),
    [
        ((), "train-*.tfrecord", hr.Dataset.from_records),
        (("--format", "parquet", "--shuffle", 3), "train-*.parquet", hr.Dataset.from_parquet),
        (("--format", "arrow", "--engine", "beam"), "train-*.arrow", hr.Dataset.from_arrow_ipc),
        (("--compression", "gzip"), "train-*.tfrecord.gz", hr.Dataset.from_records),
    ],
)
def test_all_rows_are_transformed_and_written(folder: Path, words, pattern: str, read) -> None:
    if "beam" in words:
        pytest.importorskip("apache_beam")
    result = run_command(*transform(folder, "--shards", 2, *words))
    assert result.code == 0, result.err
    assert "train-00000-of-00002" in result.out
    assert "and 1 more" in result.out
    ds = read(str(folder / "out" / pattern))
    assert ds.schema.names == ["x"]
    found = [value for batch in ds for value in batch["x"].to_pylist()]
    expected = np.arange(1000.0) / 999
    if "--shuffle" in words:
        assert found != sorted(found)
    np.testing.assert_allclose(sorted(found), expected, rtol=1e-6)


def test_the_folder_of_a_run_is_enough_and_rows_are_counted(folder: Path) -> None:
    result = run_command(
        "transform", folder / "raw-*.csv", "--transform", folder / "run", "--out", folder / "a"
    )
    assert result.code == 0, result.err
    assert result.out.startswith("1,000 rows → ")


def test_existing_files_are_replaced_only_by_force(folder: Path) -> None:
    assert run_command(*transform(folder)).code == 0
    again = run_command(*transform(folder))
    assert again.code == 2
    assert "already exists" in error_line(again)
    assert run_command(*transform(folder, "--force")).code == 0


def test_an_unknown_format_is_an_error(folder: Path) -> None:
    result = run_command(*transform(folder, "--format", "orc"))
    assert result.code == 2
    assert "unknown format 'orc'" in error_line(result)
