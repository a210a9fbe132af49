"""What stands for states and transforms between Beam's processes: never a pickle."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: this is checked where it is not installed, too.

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from apache_beam.coders import BytesCoder, Coder, ListCoder
from apache_beam.coders.typecoders import registry

from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
from headrace.transform.graph.serializable import deserialize
from headrace.transform.plan import Plan
from headrace.transform.transform import Transform

__all__ = ["StatesCoder", "TransformCoder", "accumulators_of", "read_transform"]


@lru_cache(maxsize=8)
def accumulators_of(described: str) -> tuple[Accumulator, ...]:
    """The accumulators that `describe` made this JSON of."""
    return deserialize(json.loads(described))


class StatesCoder(Coder):
    """States by their own form in bytes."""

    def __init__(self, described: str) -> None:
        self._described = described

    @cached_property
    def _lists(self) -> Coder:
        return ListCoder(BytesCoder())

    def dumped(self, states: list[Any]) -> list[bytes]:
        """The states as bytes each."""
        pairs = zip(accumulators_of(self._described), states, strict=True)
        return [accumulator.dump(state) for accumulator, state in pairs]

    def states(self, data: Sequence[bytes]) -> list[Any]:
        """The states that were bytes."""
        pairs = zip(accumulators_of(self._described), data, strict=True)
        return [accumulator.load(each) for accumulator, each in pairs]

    def encode(self, value: list[Any]) -> bytes:
        """See `Coder`."""
        return self._lists.encode(self.dumped(value))

    def decode(self, encoded: bytes) -> list[Any]:
        """See `Coder`."""
        return self.states(self._lists.decode(encoded))

    def is_deterministic(self) -> bool:
        """See `Coder`."""
        return True


class TransformCoder(Coder):
    """A `Transform` as JSON."""

    @staticmethod
    def text(transform: Transform) -> str:
        """All of a transform as JSON."""
        return json.dumps([to_graph_text(transform.graph), json.dumps(transform.explain().to_json())])

    def encode(self, value: Transform) -> bytes:
        """See `Coder`."""
        return self.text(value).encode()

    def decode(self, encoded: bytes) -> Transform:
        """See `Coder`."""
        return read_transform(*json.loads(encoded))

    def is_deterministic(self) -> bool:
        """See `Coder`."""
        return True


registry.register_coder(Transform, TransformCoder)


def read_transform(graph: str, plan: str) -> Transform:
    """A transform by the text of its graph and the JSON of its plan."""
    return Transform(read_graph_text(graph), Plan.from_json(json.loads(plan)))
