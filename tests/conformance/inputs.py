"""Generated columns: all special values, all pairs of two special values, and random values.

Ops work row by row, so one batch of many rows replaces many batches, and the row that differs is the
counterexample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from headrace.columns import FIRST_MICROSECOND, LAST_MICROSECOND, ColumnType, Ragged

from .cases import Case, specials

__all__ = ["Draw", "drawn"]

LONG = 600  # characters; longer strings are not repeated, as runtimes pad all strings to the longest
# fmt: off
STRINGS = [
    "", " ", "a", "A", "Hello, it's naïve", "İSTANBUL ıIiİ", "ΑΣ ΑΣΑ Σ ς",
    "STRASSE Straße ẞ", "ﬁnance", "é", "é", "日本語 テキスト", "한글", "שלום עולם",
    "مرحبا", "👩‍👩‍👧 family", "𝒜𝓃𝒹 math", "\U0010ffff", "\U0001f1e9\U0001f1ea",
    "\ufeffbom", "\ufffd", "line\nbreak\r\nand\ttab", "back\\slash", "'quoted'", "''", "a-b_c.d",
    "[x]", "^$.*+?()", "x" * 50_000, "ab " * 500, "\u2028\u2029\x85", "\x7f\x01\x1f",
    "".join(chr(plane << 16 | 0x1234) for plane in range(17)), "a" + "\u0323\u0307\u0301\u20dd" * 9,
    "\u0301a", "e\u0301 \u00e9", "I\u0307 i\u0307 \u0130", "\u1100\u1161\u11a8 \uac01", "ΌΣΟΣ όσος ΐ ΰ", "ǅ",
    "Ǆ ǅ ǆ", "K (Kelvin) Å", "0", "-1", "½ ² ١٢٣", "\u200b", "Z" * 255,
]
NULLS = ["\0", "a\0b", "\0\0", "A\0É 1", "İ\0"]  # in a separate batch: not every runtime accepts them
# fmt: on


@dataclass(frozen=True)
class Draw:
    """What hypothesis draws for all cases of an op.

    Attributes:
        seed: The seed of the random values.
        texts: Strings for string columns.
        times: The factor by which the number of random values is increased.
    """

    seed: int
    texts: list[str]
    times: int = 1

    def batches(self, case: Case) -> list[list[Any]]:
        """Make batches of values for the columns: many rows, one row, none, empty lists, and U+0000."""
        random = np.random.default_rng(self.seed)
        nulls = [*NULLS, *(text for text in self.texts if "\0" in text)]
        texts = [*(text for text in self.texts if "\0" not in text), *case.strings]
        flat = [_flat(type_, random, texts, self.times) for type_ in case.columns]
        flat = _grid(flat, 400 * self.times) if len(flat) > 1 else flat
        splits = [_splits(random, len(flat[0])), _splits(random, 1), np.zeros(1, int), np.zeros(4, int)]
        batches = [_shape_all(case, flat, each, random) for each in splits]
        if not any(type_.is_string for type_ in case.columns):
            return batches
        pairs = zip(case.columns, flat, strict=True)
        flat = [np.array(nulls, object) if type_.is_string else values for type_, values in pairs]
        return [*batches, _shape_all(case, flat, _splits(random, len(nulls)), random)]


def drawn(count: int) -> list[Draw]:
    """Make a number of draws, the same in every run.

    They are not shrunk: the first row that differs is the counterexample.
    """
    found: list[Draw] = []
    draws = st.builds(Draw, st.integers(0, 2**32 - 1), st.lists(st.text(max_size=30), max_size=20))

    @settings(max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(draws)
    def collect(draw: Draw) -> None:
        found.append(replace(draw, seed=draw.seed + (len(found) << 32)))  # hypothesis may repeat a seed

    collect()
    return found


def _shape_all(
    case: Case, flat: list[np.ndarray], splits: np.ndarray, random: np.random.Generator
) -> list[Any]:
    pairs = zip(case.columns, flat, strict=True)
    return [_shaped(type_, values, splits.astype(np.int64), random) for type_, values in pairs]


def _flat(type_: ColumnType, random: np.random.Generator, texts: list[str], times: int) -> np.ndarray:
    """Make values for a column: special values first, then random values."""
    if type_.is_string:
        given = [text for text in (*STRINGS, *texts) if times == 1 or len(text) <= LONG]
        return np.array([*given, *(_text(random) for _ in range(100 * times))], object)
    if type_.dtype == "bool":
        return np.concatenate([specials("bool"), random.random(200 * times) < 0.5])
    dtype = np.dtype(type_.tensor_dtype)
    bits = random.integers(0, 256, 400 * times * dtype.itemsize, np.uint8).view(dtype)
    near = (random.standard_normal(200 * times) * 100).clip(0 if dtype.kind == "u" else -128, 127)
    if type_.is_timestamp:  # most random bits are outside the years 1 to 9999
        near = random.integers(FIRST_MICROSECOND, LAST_MICROSECOND, 1000 * times, endpoint=True)
    return np.concatenate([specials(type_.dtype), bits, near.astype(dtype)])


def _text(random: np.random.Generator) -> str:
    """Make a text of characters of one plane or of all planes, without surrogates."""
    plane = random.integers(0, 4)
    limits = [(32, 127), (32, 0x250), (0x370, 0x530), (1, 0x110000)][plane]
    points = random.integers(*limits, random.integers(0, 40))
    return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def _grid(flat: list[np.ndarray], rest: int) -> list[np.ndarray]:
    """Combine every pair of the leading values of the first two columns, then `rest` random rows."""
    few = [values[:80] for values in flat]
    first, second = (each.reshape(-1) for each in np.meshgrid(few[0], few[1], indexing="ij"))
    pairs = [first, second, *(np.resize(values, len(first)) for values in few[2:])]
    return [np.concatenate([pair, values[-rest:]]) for pair, values in zip(pairs, _even(flat), strict=True)]


def _even(flat: list[np.ndarray]) -> list[np.ndarray]:
    longest = max(map(len, flat))
    return [np.resize(values, longest) for values in flat]


def _splits(random: np.random.Generator, rows: int) -> np.ndarray:
    """Make row splits of lists of several lengths; the first and last are empty unless there is one list."""
    lengths = random.choice([0, 0, 1, 2, 7], rows)
    lengths[[0, -1]] = 0 if rows > 1 else 7
    return np.concatenate([[0], np.cumsum(lengths)])


def _shaped(type_: ColumnType, values: np.ndarray, splits: np.ndarray, random: np.random.Generator) -> Any:
    if type_.ragged:
        return Ragged(_array(type_, np.resize(values, int(splits[-1]))), splits)
    rows = len(splits) - 1
    if rows == 1:
        values = random.choice(values, (1, *type_.shape))
    return _array(type_, np.resize(values, (rows, *type_.shape)))


def _array(type_: ColumnType, values: np.ndarray) -> Any:
    return pa.array(values.tolist(), pa.string()) if type_.is_string else values
