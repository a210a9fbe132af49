"""Coders for states and transforms, which Beam's processes exchange without pickle."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportIncompatibleMethodOverride=false
# Beam is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from apache_beam.coders import BytesCoder, Coder, ListCoder
from apache_beam.coders.typecoders import registry

from headrace.cached_property import cached_property
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
from headrace.transform.graph.serializable import deserialize
from headrace.transform.plan import Plan
from headrace.transform.transform import Transform

__all__ = ["StatesCoder", "TransformCoder", "read_accumulators", "read_transform"]


@lru_cache(maxsize=8)
def read_accumulators(text: str) -> tuple[Accumulator, ...]:
    """Read accumulators from the JSON text of `serialize`."""
    return deserialize(json.loads(text))


class StatesCoder(Coder):
    """A coder for lists of states, each as its accumulator dumps it.

    Args:
        accumulators: The accumulators as JSON text; see `read_accumulators`.
    """

    def __init__(self, accumulators: str) -> None:
        self._accumulators = accumulators

    @cached_property
    def _lists(self) -> Coder:
        return ListCoder(BytesCoder())

    def dump(self, states: list[Any]) -> list[bytes]:
        """Serialize each state."""
        pairs = zip(read_accumulators(self._accumulators), states, strict=True)
        return [accumulator.dump(state) for accumulator, state in pairs]

    def load(self, data: Sequence[bytes]) -> list[Any]:
        """Deserialize each state."""
        pairs = zip(read_accumulators(self._accumulators), data, strict=True)
        return [accumulator.load(each) for accumulator, each in pairs]

    def encode(self, value: list[Any]) -> bytes:
        """See `Coder`."""
        return self._lists.encode(self.dump(value))

    def decode(self, encoded: bytes) -> list[Any]:
        """See `Coder`."""
        return self.load(self._lists.decode(encoded))

    def is_deterministic(self) -> bool:
        """See `Coder`."""
        return True


class TransformCoder(Coder):
    """A coder for a `Transform`, as JSON."""

    @staticmethod
    def to_text(transform: Transform) -> str:
        """Serialize a transform and its plan as JSON text."""
        return json.dumps([to_graph_text(transform.graph), json.dumps(transform.explain().to_json())])

    def encode(self, value: Transform) -> bytes:
        """See `Coder`."""
        return self.to_text(value).encode()

    def decode(self, encoded: bytes) -> Transform:
        """See `Coder`."""
        return read_transform(*json.loads(encoded))

    def is_deterministic(self) -> bool:
        """See `Coder`."""
        return True


registry.register_coder(Transform, TransformCoder)


def read_transform(graph: str, plan: str) -> Transform:
    """Read a transform from the text of its graph and the JSON text of its plan."""
    return Transform(read_graph_text(graph), Plan.from_json(json.loads(plan)))
