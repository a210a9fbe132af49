"""The workloads: generated from a seed with NumPy alone, which every peer's environment has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["BATCH", "SHARDS", "WORKLOADS", "Feature", "Workload"]

BATCH, SHARDS = 4096, 8
Columns = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """One feature of an Example.

    Attributes:
        name: The feature's name.
        kind: "float", "int" or "bytes".
        pixels: The shape of a uint8 array stored as bytes; () for other features.
        text: Whether a bytes value is UTF-8.
        steps: Whether it is a feature list of a SequenceExample, with one value per step.
    """

    name: str
    kind: str
    pixels: tuple[int, ...] = ()
    text: bool = False
    steps: bool = False


@dataclass(frozen=True)
class Workload:
    """Examples with the same features.

    Attributes:
        name: The workload's name.
        rows: Number of Examples in all shards.
        features: The features of an Example.
        make: `make(rng, rows)` generates a column per feature: a float32 or int64 array, a uint8 array
            [rows, *pixels], a list of bytes, or for steps a list of arrays.
    """

    name: str
    rows: int
    features: tuple[Feature, ...]
    make: Callable[[np.random.Generator, int], Columns]

    @property
    def is_sequence(self) -> bool:
        """Whether the records are SequenceExamples."""
        return any(feature.steps for feature in self.features)

    def columns(self, rows: int) -> Columns:
        """Generate the first rows."""
        return self.make(np.random.default_rng(0), rows)


def _tabular(rng: np.random.Generator, rows: int) -> Columns:
    floats = {f"x{i}": rng.normal(size=rows).astype(np.float32) for i in range(8)}
    places = [b"INLAND", b"NEAR BAY", b"<1H OCEAN", b"ISLAND"]
    place = [places[i] for i in rng.integers(0, 4, rows)]
    return {**floats, "count": rng.integers(0, 10**6, rows), "place": place}


def _images(rng: np.random.Generator, rows: int) -> Columns:
    pixels = rng.integers(0, 256, (rows, 28, 28), dtype=np.uint8)
    return {"image": pixels, "label": rng.integers(0, 10, rows)}


def _words(rng: np.random.Generator, count: int) -> list[str]:
    """Generate words, one in fifty with a non-ASCII letter."""
    letters = np.array(list("etaoinshrdlucmfw"))
    words = ["".join(rng.choice(letters, size)) for size in rng.integers(2, 10, count)]
    return [word + "é" if i % 50 == 0 else word for i, word in enumerate(words)]


def _text(rng: np.random.Generator, rows: int) -> Columns:
    words = _words(rng, 5000)
    texts = [" ".join(words[i] for i in rng.integers(0, len(words), 155)).encode() for _ in range(2000)]
    return {"text": [texts[i] for i in rng.integers(0, len(texts), rows)], "label": rng.integers(0, 2, rows)}


def _payloads(rng: np.random.Generator, rows: int) -> Columns:
    payloads = [rng.bytes(int(size)) for size in rng.integers(90_000, 110_000, 100)]
    return {"data": [payloads[i % 100] for i in range(rows)], "label": rng.integers(0, 10, rows)}


def _sequence(rng: np.random.Generator, rows: int) -> Columns:
    lengths = rng.integers(5, 40, rows)
    return {
        "label": rng.integers(0, 10, rows),
        "tokens": [rng.integers(0, 30_000, length) for length in lengths],
        "scores": [rng.random(length, np.float32) for length in lengths],
    }


_TABULAR = (
    *(Feature(f"x{i}", "float") for i in range(8)),
    Feature("count", "int"),
    Feature("place", "bytes", text=True),
)
_LABEL = Feature("label", "int")
_SEQUENCE = (_LABEL, Feature("tokens", "int", steps=True), Feature("scores", "float", steps=True))

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tabular", 400_000, _TABULAR, _tabular),
        Workload("images", 160_000, (Feature("image", "bytes", (28, 28)), _LABEL), _images),
        Workload("text", 160_000, (Feature("text", "bytes", text=True), _LABEL), _text),
        Workload("sequence", 60_000, _SEQUENCE, _sequence),
        Workload("payloads", 4_000, (Feature("data", "bytes"), _LABEL), _payloads),
    )
}
