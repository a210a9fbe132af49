"""Spark on two local cores: parts merged in a tree, and DataFrames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace import transform as t

pytest.importorskip("pyspark", reason="Apache Spark is not installed: pip install 'headrace[spark]'")

ROWS, FILES = 3000, 18  # more than a quantile sketch holds exactly, and more than one branch of the tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("spark")
    for number in range(FILES):
        words = random.choice(["a", "b", "naïve", f"only {number}"], ROWS)
        table = pa.table({"x": random.normal(size=ROWS), "word": words, "other": np.arange(ROWS)})
        pq.write_table(table, folder / f"{number:02}.parquet")
    return folder


def preprocess(x: Any) -> dict[str, Any]:
    pair = t.concatenate([x["x"], x["x"] * x["x"]])
    return {
        "bucket": t.bucketize(t.scale_to_z_score(x["x"]), 100),
        "word": t.compute_and_apply_vocabulary(x["word"], num_oov_buckets=2),
        "spread": pair + t.covariance(pair),
    }


def exact(x: Any) -> dict[str, Any]:
    """Computes statistics that do not depend on the order of rows."""
    return {"x": t.scale_to_z_score(x["x"]), "word": t.compute_and_apply_vocabulary(x["word"])}


def saved(transform: hr.Transform, folder: Path) -> dict[str, bytes]:
    transform.save(folder)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.usefixtures("spark")
def test_two_passes_over_parts_give_identical_transforms(folder: Path, tmp_path: Path) -> None:
    limit = 2.0
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    ds = ds.filter(lambda batch: pa.compute.less(batch["x"], limit))
    expected = saved(t.analyze(preprocess, ds), tmp_path / "transform")
    assert (
        saved(t.analyze(preprocess, ds.shuffle(seed=1), engine="spark"), tmp_path / "transform") == expected
    )


def test_a_dataframe_gives_an_identical_transform_where_order_does_not_matter(
    spark: Any, folder: Path, tmp_path: Path
) -> None:
    from headrace.transform.engines.spark import SparkEngine

    frame = spark.read.parquet(str(folder)).repartition(5)
    expected = saved(
        t.analyze(exact, hr.Dataset.from_parquet(str(folder / "*.parquet"))), tmp_path / "transform"
    )
    assert saved(t.analyze(exact, frame, engine=SparkEngine(spark)), tmp_path / "transform") == expected
    with pytest.raises(hr.UsageError, match="leave cache_dir out"):
        t.analyze(exact, frame, engine="spark", cache_dir=tmp_path / "cache")


@pytest.mark.usefixtures("spark")
def test_an_error_on_a_worker_is_raised_as_itself() -> None:
    batches = [pa.record_batch({"x": [1.0], "word": ["a"]}), pa.record_batch({"x": ["1"], "word": ["a"]})]
    with pytest.raises(hr.SchemaError, match="expected a column of float64, got string"):
        t.analyze(exact, batches, engine="spark")


def test_no_rows_need_no_job() -> None:
    empty = hr.Dataset.from_arrow(
        pa.table({"x": pa.array([], pa.float64()), "word": pa.array([], pa.string())})
    )
    with pytest.raises(hr.UsageError, match="the data to analyze is empty: it has no rows"):
        t.analyze(exact, empty, engine="spark")


@pytest.mark.usefixtures("spark")
def test_rows_written_on_spark_are_those_written_here(folder: Path, tmp_path: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    transform = t.analyze(preprocess, ds)
    for format_, shuffle in (("tfrecord", None), ("parquet", 1)):
        written = {
            engine: [
                Path(path).read_bytes()
                for path in transform.write(ds, tmp_path / engine, format_, 4, engine=engine, shuffle=shuffle)
            ]
            for engine in ("local", "spark")
        }
        assert written["spark"] == written["local"]


@pytest.mark.usefixtures("spark")
def test_an_error_of_a_task_is_raised_as_itself(folder: Path, tmp_path: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet")).map(refuse)
    transform = t.analyze(exact, hr.Dataset.from_parquet(str(folder / "*.parquet")))
    with pytest.raises(hr.UsageError, match="not these rows"):
        transform.write(ds, tmp_path / "out", engine="spark", shards=2)


def refuse(batch: pa.RecordBatch) -> pa.RecordBatch:
    if batch.num_rows > 1:  # not the row by which the schema is found
        raise hr.UsageError("not these rows")
    return batch


def numbers(x: Any) -> dict[str, Any]:
    return {
        **exact(x),
        "pair": t.concatenate([x["x"], x["x"]]),
        "small": t.cast(x["other"] % 100, "uint8"),
        "words": t.compute_and_apply_vocabulary(t.tokenize_characters(x["word"])),
    }


def test_a_dataframe_becomes_a_dataframe(spark: Any, folder: Path) -> None:
    from headrace.transform.engines.spark import transform_dataframe

    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    transform = t.analyze(numbers, ds)
    frame = transform_dataframe(transform, spark.read.parquet(str(folder)))
    assert frame.columns == ["x", "word", "pair", "small", "words"]
    assert frame.schema["small"].dataType.typeName() == "short"
    found = [row.asDict() for row in frame.collect()]
    expected = [row for batch in ds for row in transform(batch).to_pylist()]
    assert len(found) == len(expected)
    key = lambda row: (row["x"], row["word"])  # noqa: E731
    assert sorted(found, key=key) == sorted(expected, key=key)


def test_transform_write_says_what_to_do_with_a_dataframe(spark: Any, folder: Path, tmp_path: Path) -> None:
    transform = t.analyze(exact, hr.Dataset.from_parquet(str(folder / "*.parquet")))
    with pytest.raises(hr.UsageError, match=r"expected a Dataset, got a DataFrame; .*transform_dataframe"):
        transform.write(spark.read.parquet(str(folder)), tmp_path / "out")


def test_columns_of_any_name_and_unused_columns_of_odd_types(spark: Any) -> None:
    from headrace.transform.engines.spark import transform_dataframe

    frame = spark.createDataFrame([(1.0, 2.0, "p"), (3.0, 6.0, "q")], ["a.b", "*", "a"])
    frame = frame.selectExpr("`a.b`", "`*`", "a", "make_interval(1) AS odd", "current_timestamp() AS now")
    transform = hr.transform.analyze(
        lambda x: {"b": hr.transform.scale_to_0_1(x["a.b"]), "star": x["*"]}, frame, engine="spark"
    )
    rows = transform_dataframe(transform, frame).collect()
    assert [tuple(row) for row in rows] == [(0.0, 2.0), (1.0, 6.0)]


@pytest.fixture
def large_types(spark: Any) -> Iterator[Any]:
    spark.conf.set("spark.sql.execution.arrow.useLargeVarTypes", "true")
    yield spark
    spark.conf.unset("spark.sql.execution.arrow.useLargeVarTypes")


def test_use_large_var_types_changes_nothing(large_types: Any, folder: Path, tmp_path: Path) -> None:
    from headrace.transform.engines.spark import transform_dataframe

    def words(x: Any) -> dict[str, Any]:
        return {**exact(x), "raw": x["word"], "tokens": t.tokenize_whitespace(x["word"])}

    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    frame = large_types.read.parquet(str(folder))
    local = t.analyze(words, ds)
    expected = saved(local, tmp_path / "transform")
    assert saved(t.analyze(words, frame, engine="spark"), tmp_path / "transform") == expected
    assert saved(t.analyze(words, ds, engine="spark"), tmp_path / "transform") == expected
    found = transform_dataframe(local, frame.where("word = 'only 3'")).toArrow()
    rows = ds.filter(lambda batch: pa.compute.equal(batch["word"], "only 3"))
    assert found.to_pylist() == [row for batch in rows for row in local(batch).to_pylist()]
