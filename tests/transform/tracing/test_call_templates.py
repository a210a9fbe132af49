"""Calls on many columns create the nodes that a call on each column alone creates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.errors import TraceError
from headrace.transform.graph.graph_json import to_graph_text
from headrace.transform.tracing.trace import trace

NUMBERS = [f"n{place}" for place in range(6)]
WORDS = [f"w{place}" for place in range(6)]
SCHEMA = pa.schema(
    [(name, pa.int64() if place % 2 else pa.float64()) for place, name in enumerate(NUMBERS)]
    + [(name, pa.string()) for name in WORDS]
)

CALLS: dict[str, Callable[[Any, str, str], Any]] = {
    "z-scores": lambda x, n, _: t.scale_to_z_score(x[n]),
    "ranges": lambda x, n, _: t.scale_by_min_max(x[n], -1.0, 1),
    "missing values": lambda x, n, _: t.fill_missing(x[n], 0),
    "buckets": lambda x, n, _: t.bucketize(x[n], num_buckets=4),
    "gaussians": lambda x, n, _: t.scale_to_gaussian(x[n]),
    "vocabularies": lambda x, _, w: t.compute_and_apply_vocabulary(x[w], top_k=3),
    "keys": lambda x, n, w: t.scale_to_z_score_per_key(x[n], x[w]),
    "counts, whose label names the column": lambda x, _, w: t.lookup(
        t.apply_vocabulary(x[w], t.count_per_key(x[w])[0]), t.count_per_key(x[w])[1]
    ),
    "a column with itself": lambda x, n, _: t.maximum(x[n], x[n]),
    "two columns": lambda x, n, _: t.maximum(x[n], x["n0"]),
    "numbers of one value": lambda x, n, _: t.where(x[n] > 1, True, n == "n2"),
    "signs of zero": lambda x, n, _: t.fill_missing(x[n], -0.0 if n in ("n2", "n4") else 0.0),
}


def preprocess(call: Callable[[Any, str, str], Any], x: Any, names: list[tuple[str, str]]) -> dict[str, Any]:
    return {number: call(x, number, word) for number, word in names}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_on_many_columns_creates_the_nodes_of_a_call_on_each(call: Any) -> None:
    pairs = list(zip(NUMBERS, WORDS, strict=True))
    together = trace(lambda x: preprocess(call, x, pairs), SCHEMA)
    for number, word in pairs:
        alone = trace(lambda x, number=number, word=word: preprocess(call, x, [(number, word)]), SCHEMA)
        assert to_graph_text(together.select([number])) == to_graph_text(alone)


def test_each_call_keeps_its_line_and_is_a_step_of_its_own() -> None:
    def function(x: Any) -> dict[str, Any]:
        return {
            "n0": t.scale_to_0_1(x["n0"]),
            "n2": t.scale_to_0_1(x["n2"]),
            "n4": t.scale_to_0_1(x["n4"]),
        }

    graph = trace(function, SCHEMA)
    first = function.__code__.co_firstlineno + 1
    assert [node.line and node.line[1] - first for node in graph.outputs.values()] == [1, 2, 3]
    assert len({node.call for node in graph.outputs.values()}) == 3


def test_a_repeated_call_is_refused_as_the_first_is() -> None:
    with pytest.raises(TraceError, match="min expects numbers, got string"):
        trace(lambda x: {name: t.scale_to_0_1(x[name]) for name in [*NUMBERS, "w0"]}, SCHEMA)


def test_statistics_of_repeated_calls_are_of_their_own_column() -> None:
    rng = np.random.default_rng(0)
    batch = pa.record_batch({f"c{place}": rng.normal(place, 1 + place, 50) for place in range(5)})
    scaled = t.analyze(lambda x: {name: t.scale_to_z_score(x[name]) for name in x}, [batch])(batch)
    for name in batch.schema.names:
        values = batch[name].to_numpy()
        np.testing.assert_allclose(scaled[name].to_numpy(), (values - values.mean()) / values.std(), 1e-12)
