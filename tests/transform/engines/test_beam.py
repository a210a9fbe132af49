"""Beam's direct runner with two workers: real bundles, and states and graphs exchanged between processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace import transform as t

beam = pytest.importorskip("apache_beam", reason="Apache Beam is not installed: pip install 'headrace[beam]'")

ROWS, FILES = 3000, 20  # more than a quantile sketch holds exactly, and more than one branch of the tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("beam")
    for number in range(FILES):
        words = random.choice(["a", "b", "naïve", f"only {number}"], ROWS)
        pq.write_table(
            pa.table({"x": random.normal(size=ROWS), "word": words}), folder / f"{number:02}.parquet"
        )
    return folder


def preprocess(x: Any) -> dict[str, Any]:
    z = t.scale_to_z_score(x["x"])
    pair = t.concatenate([x["x"], x["x"] * x["x"]])
    return {
        "bucket": t.bucketize(z, 100),
        "word": t.compute_and_apply_vocabulary(x["word"], num_oov_buckets=2),
        "z": t.scale_to_z_score_per_key(x["x"], x["word"]),
        "spread": pair + t.covariance(pair),
    }


def few(x: Any) -> dict[str, Any]:
    """Computes statistics that do not depend on the order of rows."""
    return {
        "x": t.scale_to_0_1(t.scale_to_z_score(x["x"])),
        "word": t.compute_and_apply_vocabulary(x["word"]),
    }


def saved(transform: hr.Transform, folder: Path) -> dict[str, bytes]:
    transform.save(folder)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def engine(mode: str) -> Any:
    from apache_beam.options.pipeline_options import PipelineOptions

    from headrace.transform.engines.beam import BeamEngine

    return BeamEngine(PipelineOptions(["--direct_num_workers=2", f"--direct_running_mode={mode}"]))


def test_two_passes_in_two_processes_give_identical_transforms(folder: Path, tmp_path: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet")).filter(
        lambda batch: pa.compute.less(batch["x"], 2.0)
    )
    expected = saved(t.analyze(preprocess, ds), tmp_path / "transform")
    found = t.analyze(preprocess, ds.shuffle(seed=1), engine=engine("multi_processing"))
    assert saved(found, tmp_path / "transform") == expected


def test_an_error_of_a_dataset_step_on_a_worker_is_raised_as_itself(folder: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "0*.parquet"))
    with pytest.raises(hr.UsageError, match=r"expected 3,000 rows from .*<lambda>, got 1; use filter"):
        t.analyze(few, Declared(ds.map(lambda batch: batch.slice(0, 1))), engine=engine("in_memory"))


class Declared:
    """A dataset that knows its schema without reading rows."""

    def __init__(self, ds: hr.Dataset) -> None:
        self.schema, self.parts = ds.source.schema, ds.parts


def test_results_are_exchanged_in_temp_location_and_removed(folder: Path, tmp_path: Path) -> None:
    from headrace.transform.engines.beam import BeamEngine

    ds = hr.Dataset.from_parquet(str(folder / "00.parquet"))
    options = engine("in_memory").options
    found = t.analyze(few, ds, engine=BeamEngine(options, temp_location=str(tmp_path)))
    assert found.statistics == t.analyze(few, ds).statistics
    assert not list(tmp_path.iterdir())


def test_data_without_parts_is_refused(folder: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet")).take(10)
    with pytest.raises(hr.UsageError, match="cannot be read in independent parts"):
        t.analyze(few, ds, engine="beam")


def test_no_rows_and_no_analyzers_need_no_pipeline() -> None:
    empty = hr.Dataset.from_arrow(
        pa.table({"x": pa.array([], pa.float64()), "word": pa.array([], pa.string())})
    )
    with pytest.raises(hr.UsageError, match="the data to analyze is empty: it has no rows"):
        t.analyze(few, empty, engine="beam")
    assert t.analyze(lambda x: {"y": x["x"] + 1}, empty, engine="beam").statistics == {}


def test_the_users_own_pipeline_analyzes_transforms_and_writes(folder: Path, tmp_path: Path) -> None:
    from headrace.transform.engines.beam import AnalyzeAndTransformDataset, WriteTransform

    files = str(folder / "0*.parquet")
    ds = hr.Dataset.from_parquet(files)
    expected = t.analyze(few, ds)
    with beam.Pipeline(options=engine("multi_threading").options) as pipeline:
        batches = pipeline | beam.io.ReadFromParquetBatched(files)  # elements are tables
        transformed, transform = batches | AnalyzeAndTransformDataset(few, ds.schema)
        _ = transform | WriteTransform(str(tmp_path / "found"))
        _ = transformed | beam.Map(lambda batch: (batch.num_rows, batch)) | beam.Map(write, str(tmp_path))
    found = hr.Transform.load(tmp_path / "found")
    assert saved(found, tmp_path / "transform") == saved(expected, tmp_path / "transform")
    tables = [pq.read_table(path) for path in sorted(tmp_path.glob("part-*.parquet"))]
    rows = pa.concat_tables(tables).sort_by([("x", "ascending"), ("word", "ascending")])
    here = pa.Table.from_batches(map(expected, ds)).sort_by([("x", "ascending"), ("word", "ascending")])
    assert rows.equals(here)


def write(numbered: tuple[int, pa.RecordBatch], folder: str) -> None:
    rows, batch = numbered
    name = f"part-{abs(hash(batch['x'][0].as_py())):020}-{rows}.parquet"
    pq.write_table(pa.Table.from_batches([batch]), Path(folder) / name)


def test_batches_in_memory_and_a_transform_known_in_advance(tmp_path: Path) -> None:
    from apache_beam.testing.util import assert_that, equal_to

    from headrace.transform.engines.beam import AnalyzeDataset, TransformDataset, WriteTransform

    batch = pa.record_batch({"x": [1.0, 2.0, 4.0], "word": ["b", "a", "b"]})
    known = t.analyze(few, [batch])
    with beam.Pipeline() as pipeline:
        batches = pipeline | beam.Create([batch.slice(0, 1), batch.slice(1)])
        _ = batches | AnalyzeDataset(few, batch.schema) | WriteTransform(str(tmp_path / "found"))
        words = batches | TransformDataset(known) | beam.FlatMap(lambda batch: batch["word"].to_pylist())
        assert_that(words, equal_to([0, 1, 0]))
    assert hr.Transform.load(tmp_path / "found").statistics == known.statistics


def test_a_url_of_beam_s_file_systems_is_written_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apache_beam.io.localfilesystem import LocalFileSystem

    from headrace.transform.engines.beam import WriteTransform

    class Bucket(LocalFileSystem):
        @classmethod
        def scheme(cls) -> str:
            return "bucket"

        def create(self, path: str, *args: Any, **options: Any) -> Any:
            return super().create(str(tmp_path / path.removeprefix("bucket://")), *args, **options)

    monkeypatch.chdir(tmp_path)
    known = t.analyze(few, [pa.record_batch({"x": [1.0, 2.0, 4.0], "word": ["b", "a", "b"]})])
    with beam.Pipeline() as pipeline:
        _ = pipeline | beam.Create([known]) | WriteTransform("bucket://b/x")
    assert hr.Transform.load(tmp_path / "b" / "x").statistics == known.statistics
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    with pytest.raises(hr.UsageError, match="as pathlib writes it"):
        WriteTransform(Path("gs://b/x"))


def test_an_element_that_is_not_a_batch_is_refused() -> None:
    from headrace.transform.engines.beam import AnalyzeDataset

    schema = pa.schema({"x": pa.float64(), "word": pa.string()})
    with (
        pytest.raises(hr.UsageError, match="expected record batches, got a dict"),
        beam.Pipeline() as pipeline,
    ):
        _ = pipeline | beam.Create([{"x": 1.0, "word": "a"}]) | AnalyzeDataset(few, schema)


def test_a_bundle_survives_its_graph_leaving_the_cache(folder: Path) -> None:
    from headrace.transform.analysis.states import (
        accumulate_batch,
        dump_states,
        merge_states,
        next_state_keys,
    )
    from headrace.transform.engines.beam.bundles import AccumulateBundle
    from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
    from headrace.transform.tracing.trace import trace

    tables = [pq.read_table(folder / f"{number:02}.parquet") for number in range(3)]
    graph = to_graph_text(trace(few, tables[0].schema))
    accumulate = AccumulateBundle()
    accumulate.start_bundle()
    for table in tables:
        read_graph_text.cache_clear()  # as when other graphs evict it, or a second thread reads it
        accumulate.process(table, graph)
    read_graph_text.cache_clear()
    (states,) = accumulate.finish_bundle()
    keys = next_state_keys(graph)
    whole = merge_states(
        keys, (accumulate_batch(keys, batch) for table in tables for batch in table.to_batches())
    )
    assert list(states.value) == dump_states(keys, whole)


@pytest.mark.parametrize("mode", ["in_memory", "multi_processing"])
def test_rows_written_on_beam_are_those_written_here(mode: str, folder: Path, tmp_path: Path) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    transform = t.analyze(few, ds)
    for format_, shuffle in (("tfrecord", None), ("arrow", 1)):
        written = {
            str(chosen): [
                Path(path).read_bytes()
                for path in transform.write(ds, tmp_path / "out", format_, 4, engine=chosen, shuffle=shuffle)
            ]
            for chosen in ("local", engine(mode))
        }
        local, beam_ = written.values()
        assert beam_ == local
