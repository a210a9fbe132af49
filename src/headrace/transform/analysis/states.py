"""The states of several accumulators: accumulated from batches, merged, dumped and loaded.

Every engine merges the batches of a part in order, and the parts in a tree whose shape depends on their
number alone (see `headrace.transform.analysis.merge_tree`). Engines therefore agree to the last bit even
where the result depends on the order of merging, as covariances and large quantile sketches do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import name_files
from headrace.errors import ModelError, SchemaError
from headrace.transform.analysis.parts import Part
from headrace.transform.analysis.passes import StateKey, pass_keys, ready_analyzers
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.evaluation.batch_inputs import read_inputs
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.evaluation.rows_of_any_size import count_rows_at_once
from headrace.transform.graph.graph import Graph, Node
from headrace.transform.graph.graph_json import read_graph_text

__all__ = [
    "States",
    "accumulate_batch",
    "accumulate_part",
    "dump_states",
    "empty_states",
    "load_states",
    "merge_states",
    "next_state_keys",
]

States = Mapping[StateKey, Any]


def next_state_keys(graph: str | Graph) -> list[StateKey]:
    """Return the keys of the states that the next pass accumulates, in a fixed order.

    Args:
        graph: A graph, or its text as `to_graph_text` writes it.
    """
    return pass_keys(ready_analyzers(read_graph_text(graph) if isinstance(graph, str) else graph))


def empty_states(keys: Iterable[StateKey]) -> States:
    """Return the states of zero rows."""
    return {key: key[0].empty() for key in keys}


def accumulate_batch(keys: Iterable[StateKey], batch: pa.RecordBatch, first_row: int = 0) -> States:
    """Compute the states of one batch; one of encoded images, which become much larger, in slices.

    Args:
        keys: The keys of the states.
        batch: The batch.
        first_row: The number of its first row, for messages.

    Raises:
        SchemaError: A column is missing or has another type than the graph was traced with.
        RecordError: An image cannot be decoded.
    """
    keys = list(keys)
    columns = [node for _, nodes in keys for node in nodes]
    rows = count_rows_at_once(columns)
    if rows is not None and batch.num_rows > rows:
        starts = range(0, batch.num_rows, rows)
        return merge_states(keys, (accumulate_batch(keys, batch.slice(each, rows), each) for each in starts))
    decoded = {node for accumulator, nodes in keys if not accumulator.takes_dictionaries for node in nodes}
    with name_files(batch, first_row):
        values = evaluate(columns, read_inputs(batch, columns), encoded=set(columns) - decoded)
    with np.errstate(all="ignore"):  # infinities are ordinary values
        return {key: _update(key, values) for key in keys}


def _update(key: StateKey, values: Mapping[Node, Any]) -> Any:
    """Compute the state of one batch; an error names the column."""
    accumulator, nodes = key
    try:
        return accumulator.update(accumulator.empty(), *(values[node] for node in nodes))
    except SchemaError as error:
        error.feature = error.feature or str(nodes[0])
        raise


def merge_states(keys: Iterable[StateKey], states: Iterable[States], initial: States | None = None) -> States:
    """Merge states in order, after `initial`; the given states may be changed in place."""
    keys = list(keys)
    merged = empty_states(keys) if initial is None else initial
    for each in states:
        with np.errstate(all="ignore"):
            merged = {key: key[0].merge(merged[key], each[key]) for key in keys}
    return merged


def accumulate_part(keys: Sequence[StateKey], part: Part, cache: StateCache | None) -> States:
    """Compute the states of a part in this thread, or load them from the cache where it has them."""
    if cache is None:
        return merge_states(keys, (accumulate_batch(keys, batch) for batch in part))
    fingerprint = part.fingerprint
    cached = cache.load(keys, fingerprint)
    missing = [key for key in keys if key not in cached]
    computed = accumulate_part(missing, part, None) if missing else {}
    cache.save(fingerprint, computed)
    return {**cached, **computed}


def dump_states(keys: Iterable[StateKey], states: States) -> list[bytes]:
    """Serialize the states, in the order of the keys."""
    return [key[0].dump(states[key]) for key in keys]


def load_states(keys: Sequence[StateKey], data: Sequence[bytes]) -> States:
    """Deserialize the states that `dump_states` wrote.

    Raises:
        ModelError: The bytes are corrupt, or belong to other keys.
    """
    if len(data) != len(keys):
        raise ModelError(f"expected {len(keys)} states, got {len(data)}", hint="analyze again")
    return {key: key[0].load(bytes(each)) for key, each in zip(keys, data, strict=True)}
