"""Parameters out of range are refused in one line: of ops, analyzers, layers and in graph.json."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import headrace as hr
from headrace import layers
from headrace import transform as t
from headrace.transform.graph.op import Op

BATCH = pa.record_batch(
    {
        "x": [1.0, 2.0, 3.0],
        "i": [1, 2, 3],
        "s": ["a", "b", "a"],
        "v": pa.array([[1.0, 2.0]] * 3, pa.list_(pa.float32(), 2)),
        "l": [[1], [2, 3], []],
        "image": pa.array([[0] * 12] * 3, pa.list_(pa.float32(), 12)),
    }
)
HUGE = 10**12


def indices(x: Any, **options: Any) -> Any:
    return t.apply_vocabulary(x["s"], t.vocabulary(x["s"], **options))


REFUSED: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: t.compute_and_apply_vocabulary(x["s"], top_k=-1), "top_k is -1, expected at least 1"),
    (lambda x: t.compute_and_apply_vocabulary(x["s"], top_k=0), "top_k is 0, expected at least 1"),
    (lambda x: t.apply_vocabulary(x["s"], t.approximate_vocabulary(x["s"], -1)), "top_k is -1"),
    (lambda x: indices(x, top_k=1, reserved_tokens=["p", "q"]), "expected at least 2 for the reserved"),
    (lambda x: indices(x, reserved_tokens=["p", "p"]), "distinct reserved tokens"),
    (lambda x: indices(x, frequency_threshold=-1), "frequency_threshold: expected a number of at least 0"),
    (lambda x: indices(x, labels=x["i"], min_diff_from_avg=-1), "min_diff_from_avg: expected a number"),
    (lambda x: t.compute_and_apply_vocabulary(x["s"], num_oov_buckets=-1), "buckets, got -1"),
    (lambda x: t.bucketize(x["x"], 0), "expected at least 2 buckets, got 0"),
    (lambda x: t.bucketize(x["x"], HUGE), "rows of 999,999,999,999 values"),
    (lambda x: t.bucketize_per_key(x["x"], x["s"], 0), "expected at least 2 buckets, got 0"),
    (lambda x: t.lookup(x["i"], t.histogram(x["x"], 0)[0]), "boundaries is 0"),
    (lambda x: t.lookup(x["i"], t.histogram(x["x"], HUGE)[0]), "boundaries is 1000000000000; pass at most"),
    (lambda x: t.lookup(x["i"], t.pca(x["v"], 0)), "expected 1 to 2 principal components, got 0"),
    (lambda x: t.one_hot(x["i"], 0), "expected a depth of at least 1, got 0"),
    (lambda x: t.one_hot(x["i"], HUGE), "one_hot would make rows of 1,000,000,000,000 values"),
    (lambda x: t.multi_hot(x["l"], 2**30), "count_vector would make rows of 1,073,741,824 values"),
    (lambda x: t.to_dense(x["l"], 2**30), "to_dense would make rows"),
    (lambda x: t.resize(t.reshape(x["image"], (3, 2, 2)), 65_536, 65_536), "resize_axis would make rows"),
    (lambda x: t.hash_strings(x["s"], 0), "expected 1 to 2**31 - 1 buckets, got 0"),
    (lambda x: t.tfidf(x["l"], -1)[1], "vocab_size is -1"),
    (lambda x: t.scale_by_min_max(x["x"], 0, float("nan")), "output_max: expected a number, got nan"),
    (lambda x: t.scale_by_min_max_per_key(x["x"], x["s"], 0, float("inf")), "a number, got inf"),
    (lambda x: t.apply_buckets(x["x"], [float("nan")]), "expected increasing bucket boundaries, got [nan]"),
    (lambda x: t.standardize(t.reshape(x["image"], (3, 2, 2)), 0.5, 0), "deviations above 0, got 0.5 and 0"),
    (lambda x: t.rescale(x["x"], float("nan")), "scale: expected a number, got nan"),
    (lambda x: t.clip(x["x"], 2, 1), "clip expects low <= high, got 2 and 1"),
    (lambda x: t.clip(x["x"], 2, float("nan")), "clip expects low <= high"),
    (lambda x: layers.Normalization(mean=0, variance=-1)(x["x"]), "a variance of at least 0, got 0 and -1"),
    (lambda x: layers.Normalization(axis=1.5)(x["x"]), "axis: expected an integer, got 1.5"),  # pyright: ignore[reportArgumentType]
    (lambda x: layers.Discretization(num_bins=0)(x["x"]), "num_bins is 0"),
    (lambda x: layers.Discretization(num_bins=3, epsilon=-1)(x["x"]), "epsilon: expected a number above 0"),
    (lambda x: layers.Rescaling("a")(x["x"]), "scale: expected finite numbers, got 'a'"),
    (lambda x: layers.Rescaling(1, float("nan"))(x["x"]), "offset: expected finite numbers, got nan"),
    (lambda x: layers.Hashing(0)(x["s"]), "num_bins is 0; pass 1 or more"),
    (lambda x: layers.StringLookup(max_tokens=-1)(x["s"]), "max_tokens is -1; pass 1 or more"),
    (lambda x: layers.StringLookup(num_oov_indices=-1)(x["s"]), "num_oov_indices is -1; pass 0 or more"),
    (lambda x: layers.CategoryEncoding(HUGE)(x["i"]), "got 1000000000000"),
    (lambda x: layers.TextVectorization(ngrams=0)(x["s"]), "ngrams is 0"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_parameters_out_of_range_are_refused(function: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(hr.HeadraceError) as caught:
        t.analyze(lambda x: {"y": function(x)}, [BATCH])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "t"
    t.analyze(
        lambda x: {
            "sum": x["x"] - t.mean(x["x"]),
            "hot": t.one_hot(t.compute_and_apply_vocabulary(x["s"]), 3),
        },
        [BATCH],
    ).save(folder)
    (folder / "manifest.json").unlink()  # which would refuse any change
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    graph = json.loads((folder / "graph.json").read_text())
    for node in graph["nodes"]:
        change(node)
    (folder / "graph.json").write_text(json.dumps(graph))


@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_the_arity_of_an_op_in_graph_json_is_checked(saved: Path, count: int) -> None:
    edit(
        saved, lambda node: node.get("op") == "subtract" and node.update(inputs=(node["inputs"] * 5)[:count])
    )
    with pytest.raises(hr.ModelError, match=f"subtract expects 2 inputs, got {count}"):
        hr.Transform.load(saved)


def test_one_hot_without_a_bound_in_graph_json_is_refused(saved: Path) -> None:
    edit(saved, lambda node: node.get("op") == "one_hot" and node["parameters"].update(depth=2**31))
    with pytest.raises(hr.ModelError, match="one_hot would make rows of 2,147,483,648 values"):
        hr.Transform.load(saved)


def test_every_op_has_an_arity() -> None:
    assert [name for name, op in Op.registry.items() if op.arity is None] == []


KINDS: dict[str, Callable[[Path], Any]] = {
    "a FIFO": os.mkfifo,
    "a directory": Path.mkdir,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a symlink loop": lambda path: path.symlink_to(path),
    "a broken symlink": lambda path: path.symlink_to("nowhere"),
    "a huge file": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 2**40),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", ["graph.json", "statistics.json", "plan.json", "manifest.json", "vocabulary"]
)
def test_any_file_of_a_saved_transform_may_be_of_another_kind(saved: Path, name: str, kind: str) -> None:
    path = next((saved / "vocabularies").iterdir()) if name == "vocabulary" else saved / name
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    if name in ("plan.json", "manifest.json") and kind != "a huge file":  # the transform does without
        assert hr.Transform.load(saved)(BATCH).num_rows == 3
        return
    with pytest.raises(hr.ModelError) as caught:
        hr.Transform.load(saved)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
