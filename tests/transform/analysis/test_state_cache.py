"""Analysis with a cache: what is read again, what is not, and how corrupt states are handled."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace import transform as t
from headrace.transform.analysis import grouped_saves, state_file
from headrace.transform.analysis.parts import Part


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which states share a file depends on the parts, not on how busy the machine is."""
    monkeypatch.setattr(grouped_saves, "_MOST_SECONDS", 3600)


class Watched:
    """A part that counts how often it is read."""

    def __init__(self, part: Part, name: str, reads: Counter[str]) -> None:
        self.part, self.name, self.reads = part, name, reads
        self.fingerprint = part.fingerprint

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        self.reads[self.name] += 1
        return iter(self.part)


class Shards:
    """Parquet files that record which of them were read."""

    def __init__(self, folder: Path, prepare: Callable[[Any], Any] | None = None) -> None:
        self.files = sorted(map(str, folder.glob("*.parquet")))
        self.data = hr.Dataset.from_parquet(self.files)
        if prepare is not None:
            self.data = self.data.map(prepare)
        self.schema = self.data.schema
        self.reads: Counter[str] = Counter()

    @property
    def parts(self) -> Sequence[Watched]:
        parts = self.data.parts
        assert parts is not None
        names = [Path(file).stem for file in self.files]
        return [Watched(*each, self.reads) for each in zip(parts, names, strict=True)]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        raise AssertionError("read as a whole")


def write_shard(folder: Path, number: int, top: float = 0.5) -> None:
    random = np.random.default_rng(number)
    values = random.uniform(-0.5, 0.5, 200)
    values[0] = top
    words = random.choice(["a", "b", "c", f"only {number}"], 200)
    pq.write_table(pa.table({"x": values, "word": words}), folder / f"{number:03}.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for number in range(5):
        write_shard(tmp_path / "data", number)
    return tmp_path / "data"


def one_phase(x: Any) -> dict[str, Any]:
    return {"z": t.scale_to_z_score(x["x"]), "w": t.compute_and_apply_vocabulary(x["word"])}


def two_phases(x: Any) -> dict[str, Any]:
    return {"y": t.bucketize(x["x"] / t.max(x["x"]), 10), "w": t.compute_and_apply_vocabulary(x["word"])}


def saved(transform: hr.Transform, to: Path) -> dict[str, bytes]:
    transform.save(to)
    return {str(file.relative_to(to)): file.read_bytes() for file in sorted(to.rglob("*")) if file.is_file()}


def analyzed(
    function: Callable[[Any], Any], folder: Path, prepare: Callable[[Any], Any] | None = None, **options: Any
) -> tuple[dict[str, bytes], Counter[str]]:
    shards = Shards(folder, prepare)
    found = saved(t.analyze(function, shards, **options), folder.parent / "transform")
    return found, shards.reads


@pytest.mark.parametrize("function", [one_phase, two_phases])
def test_cached_parts_are_not_read_and_the_transform_is_identical(
    function: Callable[[Any], Any], folder: Path, tmp_path: Path
) -> None:
    without, reads = analyzed(function, folder)
    passes = 1 if function is one_phase else 2
    assert reads == Counter({f"{number:03}": passes for number in range(5)})
    first, reads = analyzed(function, folder, cache_dir=tmp_path / "cache")
    assert set(reads.values()) == {passes}
    second, reads = analyzed(function, folder, cache_dir=tmp_path / "cache")
    assert not reads
    assert first == second == without


def test_only_an_added_shard_is_read(folder: Path, tmp_path: Path) -> None:
    for number in range(5, 99):
        write_shard(folder, number)
    analyzed(two_phases, folder, cache_dir=tmp_path / "cache")
    write_shard(folder, 99)
    found, reads = analyzed(two_phases, folder, cache_dir=tmp_path / "cache")
    assert reads == {"099": 2}
    assert found == analyzed(two_phases, folder)[0]


def test_prefixes_of_branches_replace_the_states_of_their_parts(folder: Path, tmp_path: Path) -> None:
    analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    for number in range(5, 40):
        write_shard(folder, number)
    expected, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert len(reads) == 35
    groups = list((tmp_path / "cache" / "groups").iterdir())
    assert len(groups) == 2  # the first five parts and their prefix, and the other parts
    for path in groups:
        path.unlink()
    (prefix,) = (tmp_path / "cache").rglob("*.state")  # the first 32 parts
    found, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert set(reads) == {f"{number:03}" for number in range(32, 40)}
    assert prefix.exists()
    found, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert not reads
    assert found == expected == analyzed(one_phase, folder)[0]


def test_a_changed_statistic_invalidates_the_states_that_depend_on_it(folder: Path, tmp_path: Path) -> None:
    analyzed(two_phases, folder, cache_dir=tmp_path / "cache")
    write_shard(folder, 5, top=4.0)
    found, reads = analyzed(two_phases, folder, cache_dir=tmp_path / "cache")
    assert reads == {**{f"{number:03}": 1 for number in range(5)}, "005": 2}
    assert found == analyzed(two_phases, folder)[0]


def test_a_changed_file_is_read_again_and_a_removed_one_leaves_the_statistics(
    folder: Path, tmp_path: Path
) -> None:
    analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    write_shard(folder, 3, top=9.0)
    status = (folder / "003.parquet").stat()
    os.utime(folder / "003.parquet", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    (folder / "001.parquet").unlink()
    found, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert reads == {"003": 1}
    assert found == analyzed(one_phase, folder)[0]


def test_only_an_added_statistic_is_computed(folder: Path, tmp_path: Path) -> None:
    analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    kept = set((tmp_path / "cache").rglob("*.state"))

    def more(x: Any) -> dict[str, Any]:
        return {**one_phase(x), "u": t.scale_to_0_1(x["x"]), "n": x["x"] / t.standard_deviation(x["x"])}

    _, reads = analyzed(more, folder, cache_dir=tmp_path / "cache")
    assert set(reads.values()) == {1}
    assert len(kept) == 1
    assert set((tmp_path / "cache").rglob("*.state")) == kept
    for function in (one_phase, more):
        assert not analyzed(function, folder, cache_dir=tmp_path / "cache")[1]


def test_a_state_file_keeps_the_states_of_its_last_writes_only(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "MOST_WRITES", 3)

    def reads(factor: float) -> set[int]:
        def function(x: Any) -> dict[str, Any]:
            return {"y": x["x"] - t.mean(x["x"] * factor)}

        return set(analyzed(function, folder, cache_dir=tmp_path / "cache")[1].values())

    assert [reads(factor) for factor in (1.0, 2.0, 3.0, 4.0)] == [{1}] * 4
    sizes = {path: path.stat().st_size for path in (tmp_path / "cache").rglob("*.state")}
    assert [reads(factor) for factor in (2.0, 3.0, 4.0)] == [set()] * 3
    assert reads(1.0) == {1}
    assert sizes == {path: path.stat().st_size for path in (tmp_path / "cache").rglob("*.state")}


def cut(data: bytes) -> bytes:
    return data[:-1]


def flipped(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


def headless(data: bytes) -> bytes:
    return data[3:]


@pytest.mark.parametrize("damage", [cut, flipped, headless, bytes.swapcase, lambda _: b""])
def test_a_corrupt_state_is_computed_again_with_a_warning(
    damage: Callable[[bytes], bytes], folder: Path, tmp_path: Path
) -> None:
    expected, _ = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    contents = {path: path.read_bytes() for path in (tmp_path / "cache").rglob("*.state")}
    for path, content in contents.items():
        path.write_bytes(damage(content))
    with pytest.warns(
        RuntimeWarning, match=r"[0-9a-f]{40}\.state is corrupt .*computing its states again"
    ) as warned:
        found, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert all(any(path.name in str(each.message) for each in warned) for path in contents)
    assert set(reads.values()) == {1}
    assert found == expected
    assert contents == {path: path.read_bytes() for path in contents}


def test_a_renamed_state_is_not_trusted(folder: Path, tmp_path: Path) -> None:
    groups = tmp_path / "cache" / "groups"
    analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    (stale,) = groups.iterdir()
    write_shard(folder, 5)
    expected, _ = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    (current,) = set(groups.iterdir()) - {stale}
    shutil.copy(stale, current)
    with pytest.warns(RuntimeWarning, match=r"its name or checksum does not match"):
        found, _ = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert found == expected


def test_the_cache_holds_only_complete_states(folder: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        analyzed(two_phases, folder, cache_dir=tmp_path / "cache")
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".state"}
    assert len(files) == 1


@pytest.mark.parametrize("limit", ["_MOST_SECONDS", "_MOST_BYTES"])
def test_slow_or_large_parts_have_a_file_each(
    limit: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouped_saves, limit, 0)
    expected, _ = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert len(list((tmp_path / "cache").rglob("*.state"))) == 5 + 1  # and their prefix
    assert not (tmp_path / "cache" / "groups").exists()
    found, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert not reads
    assert found == expected


def test_parts_that_were_read_before_an_error_are_cached(folder: Path, tmp_path: Path) -> None:
    content = (folder / "003.parquet").read_bytes()
    shards = Shards(folder)
    (folder / "003.parquet").write_bytes(b"PAR1" + content[4:-9] + b"\0" * 9)
    with pytest.raises(hr.HeadraceError, match=r"003\.parquet"):
        t.analyze(one_phase, shards, cache_dir=tmp_path / "cache")
    (folder / "003.parquet").write_bytes(content)
    _, reads = analyzed(one_phase, folder, cache_dir=tmp_path / "cache")
    assert not reads.keys() & {"000", "001"}
    assert reads.keys() >= {"003", "004"}


def test_states_of_a_url_have_a_file_each(folder: Path) -> None:
    cache = f"memory://states-{folder.parent.name}"
    expected, _ = analyzed(one_phase, folder, cache_dir=cache)
    found, reads = analyzed(one_phase, folder, cache_dir=cache)
    assert not reads
    assert found == expected


def test_states_of_data_in_memory_are_cached(tmp_path: Path) -> None:
    batches = [
        pa.record_batch({"x": [1.0, 2.0], "word": ["a", "b"]}),
        pa.record_batch({"x": [6.0], "word": ["a"]}),
    ]
    for data in (batches, hr.Dataset.from_arrow(batches)):
        found = [t.analyze(one_phase, data, cache_dir=tmp_path / "cache").statistics for _ in range(2)]
        assert found[0] == found[1]
        assert found[0]["mean(x)"] == 3.0


FACTOR = {"x": 2.0}
RANDOM = np.random.default_rng(0)


def double(batch: Any) -> Any:
    return batch.set_column(0, "x", pa.array(scaled(batch["x"].to_numpy())))


def scaled(x: np.ndarray) -> np.ndarray:
    return x * FACTOR["x"]


def draw(batch: Any) -> Any:
    return batch.set_column(0, "x", pa.array(RANDOM.uniform(size=batch.num_rows)))


def test_a_changed_global_or_helper_of_a_mapped_function_invalidates_its_states(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyze_doubled() -> tuple[dict[str, bytes], int]:
        found, reads = analyzed(one_phase, folder, double, cache_dir=tmp_path / "cache")
        return found, sum(reads.values())

    first, reads = analyze_doubled()
    assert reads == 5
    assert analyze_doubled() == (first, 0)
    module = sys.modules[__name__]
    with monkeypatch.context() as changed:
        changed.setitem(FACTOR, "x", 3.0)
        second, reads = analyze_doubled()
        assert reads == 5
        assert second == analyzed(one_phase, folder, double)[0] != first
    with monkeypatch.context() as changed:
        changed.setattr(module, "scaled", lambda x: x * FACTOR["x"] + 1)
        third, reads = analyze_doubled()
        assert reads == 5
        assert third == analyzed(one_phase, folder, double)[0] not in (first, second)
    assert analyze_doubled() == (first, 0)


def test_nothing_is_reused_where_a_function_cannot_be_known(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="nothing is reused from a cache"):
            _, reads = analyzed(one_phase, folder, draw, cache_dir=tmp_path / "cache")
        assert set(reads.values()) == {1}


def test_data_without_parts_and_a_cache_that_is_not_a_folder_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    ds = hr.Dataset.from_parquet(str(folder / "*.parquet"))
    with pytest.raises(hr.UsageError, match="cannot be read in independent parts"):
        t.analyze(one_phase, ds.take(10), cache_dir=tmp_path / "cache")
    (tmp_path / "file").touch()
    with pytest.raises(hr.UsageError, match=r"cannot use the cache: Not a directory; a file stands where"):
        t.analyze(one_phase, ds, cache_dir=tmp_path / "file")
