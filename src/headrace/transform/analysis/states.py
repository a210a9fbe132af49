"""The states of several accumulators together: gathered from batches, merged, and as bytes.

Whatever engine gathers them, the batches of a part are merged one after the other, and the parts in a tree
that only their number decides (see `headrace.transform.analysis.merge_tree`). So even where the last bits
depend on the order of merging, as in covariances, or the choice among neighbours does, as in large quantile
sketches, every engine finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import ModelError
from headrace.transform.analysis.parts import Part
from headrace.transform.analysis.passes import Key, keys, ready
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.evaluation.batch_inputs import columns_of
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import read_graph_text

__all__ = [
    "States",
    "dumped",
    "empty",
    "keys_of",
    "loaded",
    "merged",
    "of_batch",
    "of_part",
]

States = Mapping[Key, Any]


def keys_of(graph: str | Graph) -> list[Key]:
    """The states that the next pass over the data gathers, always in the same order."""
    return keys(ready(read_graph_text(graph) if isinstance(graph, str) else graph))


def empty(keys: Iterable[Key]) -> States:
    """The states of no rows."""
    return {key: key[0].empty() for key in keys}


def of_batch(keys: Iterable[Key], batch: pa.RecordBatch) -> States:
    """The states of one batch.

    Raises:
        SchemaError: It has not the columns that are needed.
    """
    keys = list(keys)
    ends = [node for _, nodes in keys for node in nodes]
    plain = {node for accumulator, nodes in keys if not accumulator.takes_dictionaries for node in nodes}
    values = evaluate(ends, columns_of(batch, ends), encoded=set(ends) - plain)
    with np.errstate(all="ignore"):  # infinities are values like others
        return {
            (accumulator, nodes): accumulator.update(accumulator.empty(), *(values[node] for node in nodes))
            for accumulator, nodes in keys
        }


def merged(keys: Iterable[Key], states: Iterable[States], before: States | None = None) -> States:
    """The states of all rows, merged one after the other, `before` first; they may be changed in place."""
    keys = list(keys)
    whole = empty(keys) if before is None else before
    for each in states:
        with np.errstate(all="ignore"):
            whole = {key: key[0].merge(whole[key], each[key]) for key in keys}
    return whole


def of_part(keys: Sequence[Key], part: Part, cache: StateCache | None) -> States:
    """The states of a part, gathered in this thread, or as far as they are kept from the cache."""
    if cache is None:
        return merged(keys, (of_batch(keys, batch) for batch in part))
    fingerprint = part.fingerprint
    kept = cache.kept(keys, fingerprint)
    missing = [key for key in keys if key not in kept]
    found = of_part(missing, part, None) if missing else {}
    cache.keep(fingerprint, found)
    return {**kept, **found}


def dumped(keys: Iterable[Key], states: States) -> list[bytes]:
    """The states as bytes, in the order of the keys."""
    return [key[0].dump(states[key]) for key in keys]


def loaded(keys: Sequence[Key], data: Sequence[bytes]) -> States:
    """The states that `dumped` gave.

    Raises:
        ModelError: They are damaged, or those of other keys.
    """
    if len(data) != len(keys):
        raise ModelError(f"{len(data)} states for {len(keys)} statistics", hint="analyze again")
    return {key: key[0].load(bytes(each)) for key, each in zip(keys, data, strict=True)}
