"""As few passes as can be, and nothing done twice in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analysis.passes import schedule, state_keys
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.deduplicate import deduplicate
from headrace.transform.graph.graph import Graph, topological_sort
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import apply
from headrace.transform.tracing.trace import trace

SCHEMA = pa.schema({"x": pa.float64(), "n": pa.int64(), "city": pa.string(), "words": pa.list_(pa.string())})
Outputs = Callable[[Any], dict[str, Any]]


def graph_of(outputs: Outputs) -> Graph:
    return deduplicate(trace(outputs, SCHEMA))


def bucketised_cross(x: Any) -> Any:
    crossed = t.join_strings([t.as_string(t.bucketize(x["x"], 10)), x["city"]], "_")
    return t.compute_and_apply_vocabulary(crossed)


PASSES: list[tuple[int, Outputs]] = [
    (0, lambda x: {"y": x["x"] + 1}),
    (1, lambda x: {"y": t.scale_to_z_score(x["x"]), "b": t.bucketize(x["n"], 4), "c": bucket_of_city(x)}),
    (2, lambda x: {"y": t.bucketize(t.scale_to_z_score(x["x"]), 4)}),
    (2, lambda x: {"y": bucketised_cross(x)}),
    (2, lambda x: {"y": bucketised_cross(x), "z": t.bucketize(t.scale_to_0_1(x["n"]), 3)}),
    (2, lambda x: {"y": t.tfidf(t.compute_and_apply_vocabulary(x["words"]), 100)[1]}),
    (2, lambda x: {"y": t.estimated_probability_density(x["x"], 9)}),
    (3, lambda x: {"y": t.scale_to_z_score(t.clip(t.scale_to_z_score(t.scale_to_0_1(x["x"])), -3, 3))}),
    (
        3,
        lambda x: {
            "y": t.estimated_probability_density(t.scale_to_z_score(x["x"]), 9),
            "z": bucketised_cross(x),
        },
    ),
]


def bucket_of_city(x: Any) -> Any:
    return t.compute_and_apply_vocabulary(x["city"])


@pytest.mark.parametrize(("passes", "outputs"), PASSES)
def test_as_many_passes_as_the_longest_chain_of_analyzers(passes: int, outputs: Outputs) -> None:
    scheduled = schedule(graph_of(outputs))
    assert len(scheduled) == passes
    for earlier, later in pairwise(scheduled):
        for node in later:  # it depends on the pass before, so it cannot run earlier
            assert set(topological_sort(node.inputs)) & set(earlier)
    for number, nodes in enumerate(scheduled):
        for node in nodes:  # and all that it depends on is in earlier passes
            waits = [each for each in topological_sort(node.inputs) if isinstance(each.what, Analyzer)]
            assert set(waits) <= {each for before in scheduled[:number] for each in before}


@pytest.mark.parametrize(("passes", "outputs"), PASSES)
def test_analysis_makes_as_many_passes_as_planned(passes: int, outputs: Outputs) -> None:
    data = Batches()
    frozen = t.analyze(outputs, data)
    assert data.passes == passes
    assert len(frozen.explain().passes) == passes


class Batches:
    """Data that counts the passes over it, and offers each pass only the columns allowed."""

    def __init__(self, *allowed: list[str]) -> None:
        self.schema, self.allowed, self.passes = SCHEMA, allowed, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        names = self.allowed[self.passes] if self.allowed else SCHEMA.names
        self.passes += 1
        random = np.random.default_rng(0)
        whole = pa.record_batch(
            {
                "x": random.normal(size=60),
                "n": random.integers(0, 9, 60),
                "city": random.choice(["Rome", "Oslo"], 60).tolist(),
                "words": [["a", "b"], ["b"], []] * 20,
            },
            schema=SCHEMA,
        ).select(names)
        return iter([whole.slice(start, 20) for start in (0, 20, 40)])


def test_a_pass_reads_only_the_columns_it_needs() -> None:
    def outputs(x: Any) -> dict[str, Any]:
        return {"y": t.bucketize(t.scale_to_z_score(x["x"]), 4), "c": bucket_of_city(x), "n": x["n"]}

    t.analyze(outputs, data := Batches(["x", "city"], ["x"]))
    assert data.passes == 2


def test_equal_columns_share_their_states() -> None:
    def outputs(x: Any) -> dict[str, Any]:
        return {
            "z": t.scale_to_z_score(x["n"]),
            "again": t.scale_to_z_score(x["n"]),
            "by hand": (x["n"] - t.mean(x["n"])) / t.var(x["n"]),
            "in float32": (t.cast(x["n"], "float32") - t.mean(t.cast(x["n"], "float32")))
            / t.var(t.cast(x["n"], "float32")),
            "quartile": t.bucketize(x["n"], 4),
            "decile": t.bucketize(x["n"], 10),
            "tails": x["x"] * t.tukey_scale(x["x"]) + t.tukey_location(x["x"]),
            "top": t.compute_and_apply_vocabulary(x["city"], top_k=1, vocab_filename="top"),
            "all": bucket_of_city(x),
        }

    (nodes,) = schedule(graph_of(outputs))
    gathered = sorted((accumulator.display_name, str(column)) for accumulator, (column,) in state_keys(nodes))
    assert gathered == [
        ("counts", "city"),
        ("moments", "cast(n, dtype=float32)"),
        ("moments", "n"),
        ("ranks", "n"),
        ("ranks", "x"),
    ]


def test_nodes_that_differ_in_the_last_bit_are_not_merged() -> None:
    graph = graph_of(
        lambda x: {"a": x["x"] * 0.0, "b": x["x"] * -0.0, "c": x["x"] * np.nan, "d": x["x"] * np.nan}
    )
    assert len({*graph.outputs.values()}) == 3
    lookups = graph_of(lambda x: {"a": t.lookup(x["n"], [1.0], 0.0), "b": t.lookup(x["n"], [1.0], -0.0)})
    assert len({*lookups.outputs.values()}) == 2


def test_an_op_is_evaluated_once_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Op, "registry", dict(Op.registry))
    seen: list[int] = []

    @dataclass(frozen=True)
    class Seen(Op):
        def infer(self, *types: ColumnType) -> ColumnType:
            return types[0]

        def evaluate(self, *values: Any) -> Any:
            seen.append(len(values[0]))
            return values[0]

        def lower(self, *values: Any) -> Any:
            return values[0]

    counting = Seen()

    def outputs(x: Any) -> dict[str, Any]:
        same = [apply(counting, x["x"]) for _ in range(3)]
        return {
            "z": t.scale_to_z_score(same[0]),
            "b": t.bucketize(same[1], 3),
            "max": same[2] - t.max(same[0]) + t.mean(same[2]),
            "second": t.bucketize(t.scale_to_0_1(same[1]), 2),
        }

    frozen = t.analyze(outputs, data := Batches())
    assert (data.passes, seen) == (2, [20] * 6)
    seen.clear()
    frozen(next(iter(Batches())))
    assert seen == [20]


@pytest.mark.parametrize("statistic", [t.mean, t.max, lambda x: t.quantiles(x, 4), t.tukey_scale])
def test_a_statistic_of_a_constant_is_refused(statistic: Any) -> None:
    with pytest.raises(TraceError, match="the same for every row; give a column"):
        trace(lambda x: {"y": x["x"] - statistic(t.min(x["x"]))}, SCHEMA)
