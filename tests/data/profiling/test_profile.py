"""Profiles of pipelines whose bottleneck is known."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.data.profiling.pipelines import ROWS, SlowDisk, compute_sines, copy_small, numbers, sum_rows
from tests.data.profiling.virtual_time import TIME
from tests.waiting import no_new_threads

import headrace as hr
from headrace.data import Dataset
from headrace.data.profiling import Profile
from headrace.data.profiling.probe import probe_function
from headrace.data.sources.arrow import ArrowReader
from headrace.errors import UsageError
from headrace.parallel import available_cpus


@pytest.fixture
def virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions take the time that they say."""
    TIME.install(monkeypatch, lambda function: function is not compute_sines)


@pytest.mark.usefixtures("virtual_time")
def test_python_per_row_is_named_with_the_processes_that_help() -> None:
    profile = numbers().shuffle(seed=0).map(sum_rows).batch(64).prefetch().profile(rows=ROWS)
    assert (profile.verdict.part, profile.verdict.cause) == ("map(sum_rows)", "python")
    assert "per row" in profile.verdict.why
    if available_cpus() > 1:
        assert "processes=" in profile.verdict.change


@pytest.mark.usefixtures("virtual_time")
def test_native_code_is_named_with_the_threads_that_help() -> None:
    profile = numbers().map(compute_sines).profile(rows=ROWS)
    assert (profile.verdict.part, profile.verdict.cause) == ("map(compute_sines)", "native")
    if available_cpus() > 1:
        assert profile.verdict.change == f"map(compute_sines, threads={min(4, available_cpus())})"


@pytest.mark.usefixtures("virtual_time")
def test_measured_threads_are_named_and_not_advised_again() -> None:
    profile = numbers().map(compute_sines, threads="auto").profile(rows=ROWS)
    assert (profile.verdict.part, profile.verdict.cause) == ("map(compute_sines)", "native")
    assert "on all CPUs" in profile.verdict.why or "as measured" in profile.verdict.why
    assert "threads" not in profile.verdict.change


@pytest.mark.usefixtures("virtual_time")
def test_compression_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = [rng.integers(0, 8, 4000).astype(np.uint8).tobytes() for _ in range(1000)]
    hr.records.write(tmp_path / "rows", [pa.record_batch({"data": data})], shards=1, compression="gzip")
    verdict = Dataset.from_records(tmp_path / "rows").batch(100).profile(rows=1000).verdict
    assert (verdict.cause, verdict.part.split(":")[0]) == ("compression", "RecordSource")
    assert "uncompressed" in verdict.change


@pytest.mark.usefixtures("virtual_time")
def test_calls_on_few_rows_are_named() -> None:
    verdict = numbers(600).batch(2).map(copy_small).profile(rows=600).verdict
    assert (verdict.part, verdict.cause) == ("map(copy_small)", "small batches")


@pytest.mark.usefixtures("virtual_time")
def test_waiting_for_a_disk_is_named_and_is_not_cpu_time() -> None:
    profile = Dataset(SlowDisk()).batch(5).profile(rows=100)
    assert (profile.verdict.part, profile.verdict.cause) == ("SlowDisk", "storage")
    assert profile.stages[0].cpu_seconds < profile.stages[0].seconds / 2


@pytest.mark.usefixtures("virtual_time")
def test_the_model_is_named_with_the_time_that_it_waited() -> None:
    def train(tensors: dict[str, Any]) -> None:
        assert tensors["x"].shape == (100, 8)
        TIME.spend(0.01)

    profile = numbers().shuffle(seed=0).batch(100).prefetch().profile(rows=ROWS, model=train)
    assert profile.verdict.cause == "model"
    assert [each.name for each in profile.stages[-2:]] == ["to_torch", "model"]
    assert "waited" in str(profile).splitlines()[-3]
    assert 0 <= profile.model_wait <= 1


@pytest.mark.usefixtures("virtual_time")
def test_without_a_queue_the_profile_proposes_one() -> None:
    verdict = (
        numbers().map(compute_sines).batch(500).profile(rows=ROWS, model=lambda _: TIME.spend(0.04)).verdict
    )
    assert available_cpus() == 1 or "prefetch()" in verdict.also[0]


@pytest.mark.usefixtures("virtual_time")
def test_a_shuffle_of_ragged_rows_in_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    take = ArrowReader.take

    def take_slowly(reader: ArrowReader, rows: np.ndarray) -> pa.RecordBatch:
        TIME.spend(1e-4 * len(rows))
        return take(reader, rows)

    monkeypatch.setattr(ArrowReader, "take", take_slowly)
    words = pa.array([list(range(number % 90)) for number in range(4_000)])
    profile = Dataset.from_arrays({"words": words}).shuffle(seed=0).profile()
    assert (profile.verdict.part, profile.verdict.cause) == ("shuffle(seed=0)", "shuffle")
    assert "ragged" in profile.verdict.why


@pytest.mark.usefixtures("virtual_time")
def test_after_an_empty_cache_the_later_epochs_are_judged() -> None:
    ds = numbers().map(sum_rows).cache().batch(50)
    profile = ds.profile()
    assert profile.first_epoch is not None
    assert profile.first_epoch.verdict.part == "map(sum_rows)"
    assert all("sum_rows" not in each.name for each in profile.stages)
    assert "first epoch" in str(profile)
    assert ds.profile().first_epoch is None


def test_a_cache_that_the_limits_leave_empty_is_not_filled() -> None:
    profile = numbers().batch(50).map(sum_rows).cache().profile(rows=100)
    assert [each.name for each in profile.stages] == ["ArrowSource", "batch(50)", "map(sum_rows)"]
    assert profile.rows == 100


@pytest.mark.usefixtures("virtual_time")
def test_limits_end_the_profile_behind_a_batch() -> None:
    profile = numbers().batch(100).map(sum_rows).profile(rows=250)
    assert (profile.rows, profile.batches, profile.is_complete) == (300, 3, False)
    assert profile.stages[-1].rows == 300
    assert "stopped before the end" in str(profile)
    assert Dataset(SlowDisk()).profile(seconds=0.001).batches == 1


def test_a_profile_leaves_no_thread_and_changes_no_batch() -> None:
    ds = numbers().shuffle(seed=3).map(sum_rows, threads=2).batch(7).prefetch(3)
    before = list(ds)
    with no_new_threads():
        ds.profile(rows=500)
    assert list(ds) == before


@pytest.mark.usefixtures("virtual_time")
def test_the_screen_has_a_line_for_each_part_and_marks_the_slowest() -> None:
    profile = numbers().map(sum_rows).batch(64).prefetch(4).profile(rows=ROWS)
    lines = str(profile).splitlines()
    assert [line[2:].split("  ")[0] for line in lines[3:7]] == [
        "ArrowSource", "map(sum_rows)", "batch(64)", "prefetch(4)"
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("> ")] == [lines[4]]
    assert "full" in lines[6]
    assert max(map(len, lines[2:7])) < 100
    assert sum(each.share for each in profile.stages) == pytest.approx(1)


def test_a_saved_profile_is_read_again(tmp_path: Path) -> None:
    profile = numbers().map(sum_rows).cache().batch(64).prefetch().profile(rows=ROWS)
    profile.save(tmp_path / "profile.json")
    found = Profile.load(tmp_path / "profile.json")
    assert str(found) == str(profile)
    assert found.stages == profile.stages
    (tmp_path / "profile.json").write_text('{"format": "another"}')
    with pytest.raises(UsageError, match="expected a file of the format 'headrace profile 1'"):
        Profile.load(tmp_path / "profile.json")


def test_the_trace_is_chromes_and_bounded(tmp_path: Path) -> None:
    profile = numbers(12_000).map(copy_small).batch(1).prefetch(8).profile(seconds=4.0)
    profile.trace(tmp_path / "trace.json")
    profile.trace(tmp_path / "trace.json.gz")
    data = (tmp_path / "trace.json").read_bytes()
    assert gzip.decompress((tmp_path / "trace.json.gz").read_bytes()) == data
    assert len(data) < 5 << 20
    events = json.loads(data)["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "X", "C"}
    spans = [event for event in events if event["ph"] == "X"]
    assert len(spans) <= 20_000
    assert all(span["dur"] >= 0 and span["ts"] >= 0 for span in spans)
    assert spans == sorted(spans, key=lambda span: span["ts"])
    threads = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {span["tid"] for span in spans} == set(threads)
    assert "headrace-prefetch" in threads.values()


def test_a_function_is_probed_on_its_own_time() -> None:
    samples = list(numbers(40))
    traits = probe_function(sum_rows, samples)
    assert traits is not None
    assert traits.loops
    assert 0 <= traits.gil <= 1
    assert probe_function(lambda batch: batch, samples).loops is False  # pyright: ignore


def test_the_picture_is_written(tmp_path: Path) -> None:
    profile = numbers().map(sum_rows).profile(rows=ROWS)
    profile.plot(tmp_path / "profile.png")
    assert (tmp_path / "profile.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match=r"expected the extension \.png, \.svg or \.pdf, got \.txt"):
        profile.plot(tmp_path / "profile.txt")


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(UsageError, match="rows"):
        numbers().profile(rows=0)
    with pytest.raises(UsageError, match="seconds"):
        numbers().profile(seconds=-1)
    with pytest.raises(UsageError, match="no rows to profile"):
        numbers().filter(lambda batch: [False] * batch.num_rows).profile()
