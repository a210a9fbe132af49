"""Whole columns from hypothesis: every special value, every pair of two, and random ones besides.

Ops work row by row, so one batch of many rows is as good as many batches, and the row that differs is the
counter-example.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from headrace.columns import ColumnType, Ragged

from .cases import Case, specials

__all__ = ["Draw", "drawn"]

# fmt: off
STRINGS = [
    "", " ", "a", "A", "Hello, it's naïve", "İSTANBUL ıIiİ", "ΑΣ ΑΣΑ Σ ς",
    "STRASSE Straße ẞ", "ﬁnance", "é", "é", "日本語 テキスト", "한글", "שלום עולם",
    "مرحبا", "👩‍👩‍👧 family", "𝒜𝓃𝒹 math", "\U0010ffff", "\U0001f1e9\U0001f1ea",
    "\ufeffbom", "\ufffd", "line\nbreak\r\nand\ttab", "back\\slash", "'quoted'", "''", "a-b_c.d",
    "[x]", "^$.*+?()", "x" * 50_000, "ab " * 500, "\u2028\u2029\x85", "\x7f\x01\x1f",
    "Ǆ ǅ ǆ", "K (Kelvin) Å", "0", "-1", "½ ² ١٢٣", "\u200b", "Z" * 255,
]
# fmt: on


@dataclass(frozen=True)
class Draw:
    """What hypothesis draws for all cases of an op: the seed of random values, and texts."""

    seed: int
    texts: list[str]

    def batches(self, case: Case) -> list[list[Any]]:
        """Three batches of values for the case's columns: of many rows, of a single row, of none."""
        random = np.random.default_rng(self.seed)
        flat = [_flat(type_, random, [*self.texts, *case.strings]) for type_ in case.columns]
        flat = _grid(flat) if len(flat) > 1 else flat
        return [_shape_all(case, flat, rows, random) for rows in (len(flat[0]), 1, 0)]


def drawn(count: int) -> list[Draw]:
    """So many draws, the same in every run.

    Nothing is shrunk: the first row that differs is the counter-example.
    """
    found: list[Draw] = []
    draws = st.builds(Draw, st.integers(0, 2**32 - 1), st.lists(st.text(max_size=30), max_size=20))

    @settings(max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(draws)
    def collect(draw: Draw) -> None:
        found.append(draw)

    collect()
    return found


def _shape_all(case: Case, flat: list[np.ndarray], rows: int, random: np.random.Generator) -> list[Any]:
    splits = _splits(random, rows)
    pairs = zip(case.columns, flat, strict=True)
    return [_shaped(type_, values, rows, splits, random) for type_, values in pairs]


def _flat(type_: ColumnType, random: np.random.Generator, texts: list[str]) -> np.ndarray:
    """Special and random values, the special ones first."""
    if type_.is_string:
        return np.array([*STRINGS, *texts, *(_text(random) for _ in range(100))], object)
    if type_.dtype == "bool":
        return np.concatenate([specials("bool"), random.random(200) < 0.5])
    dtype = np.dtype(type_.dtype)
    bits = random.integers(0, 256, 400 * dtype.itemsize, np.uint8).view(dtype)
    near = (random.standard_normal(200) * 100).astype(np.float64).clip(0 if dtype.kind == "u" else -128, 127)
    return np.concatenate([specials(type_.dtype), bits, near.astype(dtype)])


def _text(random: np.random.Generator) -> str:
    """Characters of one plane or of all, surrogates left out."""
    plane = random.integers(0, 4)
    limits = [(32, 127), (32, 0x250), (0x370, 0x530), (1, 0x110000)][plane]
    points = random.integers(*limits, random.integers(0, 40))
    return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def _grid(flat: list[np.ndarray]) -> list[np.ndarray]:
    """Every pair of the first two columns' leading values, then the random ones side by side."""
    few = [values[:80] for values in flat]
    first, second = (each.reshape(-1) for each in np.meshgrid(few[0], few[1], indexing="ij"))
    pairs = [first, second, *(np.resize(values, len(first)) for values in few[2:])]
    return [np.concatenate([pair, values[-400:]]) for pair, values in zip(pairs, _even(flat), strict=True)]


def _even(flat: list[np.ndarray]) -> list[np.ndarray]:
    longest = max(map(len, flat))
    return [np.resize(values, longest) for values in flat]


def _splits(random: np.random.Generator, rows: int) -> np.ndarray:
    lengths = random.choice([0, 0, 1, 2, 7], rows)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _shaped(
    type_: ColumnType, values: np.ndarray, rows: int, splits: np.ndarray, random: np.random.Generator
) -> Any:
    if type_.ragged:
        return Ragged(_array(type_, np.resize(values, int(splits[-1]))), splits)
    if rows == 1:
        values = random.choice(values, (1, *type_.shape))
    return _array(type_, np.resize(values, (rows, *type_.shape)))


def _array(type_: ColumnType, values: np.ndarray) -> Any:
    return pa.array(values.tolist(), pa.string()) if type_.is_string else values
