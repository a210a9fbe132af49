"""Ops in a row that each do the same to every byte of a string: found in a graph, and made one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from headrace.transform.graph.graph import Node
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import compose_tables, map_strings, split_strings

__all__ = ["ByteChain", "byte_chains"]


class ByteChain(NamedTuple):
    """What a node is of the first node's input.

    Attributes:
        source: That input, a column of strings.
        table: See `ops.byte_table`.
        cuts: Whether tokens come out, even if the table does not cut any more: what is dropped is not cut.
    """

    source: Node
    table: np.ndarray
    cuts: bool

    def evaluate(self, x: Any) -> Any:
        """The last node's value, from that of `source`."""
        return (split_strings if self.cuts else map_strings)(x, self.table)


def byte_chains(order: Iterable[Node], ends: Iterable[Node]) -> Mapping[Node, ByteChain | None]:
    """The last node of each chain of two or more, and the others with None: nothing else needs their values.

    Args:
        order: Nodes, each after its inputs.
        ends: Those whose values are wanted.
    """
    order = list(order)
    uses = Counter(each for node in order for each in node.inputs) + Counter(ends)
    chains: dict[Node, ByteChain] = {}
    found: dict[Node, ByteChain | None] = {}
    for node in order:
        table = node.what.byte_table() if isinstance(node.what, Op) else None
        if table is None:
            continue
        (source,) = node.inputs
        cuts = node.type.ragged and not source.type.ragged
        before = chains.get(source)
        if before is None or uses[source] > 1:
            chains[node] = ByteChain(source, table, cuts)
            continue
        found[source] = None
        chains[node] = found[node] = ByteChain(before.source, compose_tables(before.table, table), cuts)
    return found
