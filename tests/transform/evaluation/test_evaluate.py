"""The plan of an evaluation is found once for the same outputs, and goes with the graph."""

import gc
import weakref

import pyarrow as pa

from headrace import transform as t
from headrace.transform.evaluation import evaluate
from headrace.transform.tracing.trace import trace


def make_graph():
    def function(inputs):
        lowered = t.lower(inputs["text"])
        return {"words": t.tokenize(lowered), "low": lowered}

    return trace(function, pa.schema([pa.field("text", pa.string(), nullable=False)]))


def words_of(graph, *texts: str) -> list[str]:
    (values,) = evaluate([graph.outputs["words"]], {"text": pa.array(texts)}).values()
    return values.values.to_pylist()


def test_a_plan_is_kept_for_the_same_outputs_only() -> None:
    graph = make_graph()
    words, low = graph.outputs["words"], graph.outputs["low"]
    assert words_of(graph, "A b") == ["a", "b"]
    plan = vars(words)["_plan"]
    assert words_of(graph, "C", "D e") == ["c", "d", "e"]
    assert vars(words)["_plan"] is plan
    both = evaluate([words, low], {"text": pa.array(["F g"])})
    assert both[low].to_pylist() == ["f g"]
    assert both[words].values.to_pylist() == ["f", "g"]
    assert vars(words)["_plan"].outputs == (words, low)
    assert words_of(graph, "H") == ["h"]
    assert evaluate([], {}) == {}


def test_a_plan_does_not_outlive_its_graph() -> None:
    graph = make_graph()
    words_of(graph, "A b")
    node = weakref.ref(graph.outputs["words"])
    del graph
    gc.collect()
    assert node() is None
