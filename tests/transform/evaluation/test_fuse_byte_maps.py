from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.columns import to_arrow
from headrace.transform import Column
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.evaluation.fuse_byte_maps import find_byte_chains
from headrace.transform.graph.graph import Graph, topological_sort
from headrace.transform.tracing.trace import trace

TEXTS = ["", "Don't - stop!", "ÀÉ, İstanbul...İ", "a,b\tC  \n", "--", "x" * 40 + " \u0000Y"]
TO_STRINGS: list[Callable[[Column], Column]] = [
    t.lower,
    t.upper,
    t.strip_punctuation,
    lambda x: t.regex_replace(x, r"[^A-Z]"),
    lambda x: t.regex_replace(x, r"[a-c]+", "z"),
]
TO_TOKENS: list[Callable[[Column], Column]] = [t.tokenize, t.tokenize_whitespace, t.lower]


def traced(*functions: Callable[[Column], Column]) -> Graph:
    def preprocess(inputs: dict[str, Column]) -> dict[str, Column]:
        x = inputs["text"]
        for function in functions:
            x = function(x)
        return {"y": x}

    return trace(preprocess, pa.schema([("text", pa.string())]))


@pytest.mark.parametrize(("first", "second", "third"), list(product(TO_STRINGS, TO_STRINGS, TO_TOKENS)))
def test_a_fused_chain_equals_its_ops_one_by_one(
    first: Callable[[Column], Column], second: Callable[[Column], Column], third: Callable[[Column], Column]
) -> None:
    graph = traced(first, second, third)
    end = graph.outputs["y"]
    values = {graph.inputs["text"]: pa.array(TEXTS)}
    for node in graph.nodes[1:]:
        values[node] = node.what.evaluate(*(values[each] for each in node.inputs))  # type: ignore[union-attr]
    found = evaluate([end], {"text": pa.array(TEXTS)})[end]
    assert to_arrow(found).equals(to_arrow(values[end]))


def test_consecutive_byte_maps_are_one_step() -> None:
    graph = traced(t.lower, t.strip_punctuation, t.tokenize_whitespace)
    end = graph.outputs["y"]
    chains = find_byte_chains(topological_sort([end]), [end])
    assert [str(chain and chain.source) for chain in chains.values()] == ["None", "None", "text"]
    assert set(evaluate([end], {"text": pa.array(TEXTS)})) == {end}


def test_a_value_with_other_users_ends_a_chain() -> None:
    graph = traced(t.lower, t.strip_punctuation, t.tokenize_whitespace)
    lower = graph.nodes[1]
    ends = [lower, graph.outputs["y"]]
    chains = find_byte_chains(topological_sort(ends), ends)
    assert lower not in chains
    assert chains[ends[1]] is not None
    assert chains[ends[1]].source is lower
