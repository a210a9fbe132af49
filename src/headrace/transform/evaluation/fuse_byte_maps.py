"""Fuse consecutive ops that each map every byte of a string into one pass over the bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from headrace.transform.graph.graph import Node
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import compose_tables, map_strings, split_strings

__all__ = ["ByteChain", "find_byte_chains"]


class ByteChain(NamedTuple):
    """A fused chain of byte maps.

    Attributes:
        source: The first op's input, a column of strings.
        table: The composed byte table; see `headrace.transform.ops.strings.byte_table`.
        cuts: Whether the result is tokens. The table alone does not say: a separator that a later op
            drops no longer cuts.
    """

    source: Node
    table: np.ndarray
    cuts: bool

    @property
    def sources(self) -> tuple[Node, ...]:
        """The only node whose value `evaluate` takes."""
        return (self.source,)

    def evaluate(self, x: Any) -> Any:
        """Compute the last op's value from the value of `source`."""
        return (split_strings if self.cuts else map_strings)(x, self.table)


def find_byte_chains(order: Iterable[Node], outputs: Iterable[Node]) -> Mapping[Node, ByteChain | None]:
    """Find all chains of two or more byte maps whose intermediate values nothing else uses.

    Args:
        order: Nodes, each after its inputs.
        outputs: The nodes whose values are requested.

    Returns:
        Node to chain for the last node of each chain, and to None for the nodes before it.
    """
    order = list(order)
    tables = {
        node: table
        for node in order
        if isinstance(node.what, Op) and (table := node.what.byte_table()) is not None
    }
    if len(tables) < 2:
        return {}
    uses = Counter(each for node in order for each in node.inputs) + Counter(outputs)
    chains: dict[Node, ByteChain] = {}
    found: dict[Node, ByteChain | None] = {}
    for node, table in tables.items():
        (source,) = node.inputs
        cuts = node.type.ragged and not source.type.ragged
        before = chains.get(source)
        if before is None or uses[source] > 1:
            chains[node] = ByteChain(source, table, cuts)
            continue
        found[source] = None
        chains[node] = found[node] = ByteChain(before.source, compose_tables(before.table, table), cuts)
    return found
