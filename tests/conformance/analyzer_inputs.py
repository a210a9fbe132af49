"""Generated columns for the cases of analyzers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged

from .analyzer_cases import AnalyzerCase

__all__ = ["Fixed", "columns"]

WORDS = ["a", "b", "B", "ä", "é", "z", "aa", "", "", "😀", "\U0010ffff", "\uffff", "line\nbreak", " "]


class Fixed(NamedTuple):
    """A value that is the same for every row."""

    value: np.ndarray


def column(
    type_: ColumnType | np.ndarray, rows: int, random: np.random.Generator, missing: bool, case: AnalyzerCase
) -> Any:
    """Make values for a column: repeated values, missing values, values of all magnitudes."""
    if isinstance(type_, np.ndarray):
        return Fixed(type_)
    if type_.ragged:
        splits = np.concatenate([[0], np.cumsum(np.random.default_rng(rows).choice([0, 1, 2, 5], rows))])
        inner = ColumnType(type_.dtype)
        return Ragged(column(inner, int(splits[-1]), random, missing, case), splits.astype(np.int64))
    if type_.is_string:
        return pa.array([""] * rows if missing else random.choice(WORDS, rows).tolist(), pa.string())
    shape = (rows, *type_.shape)
    if type_.is_integer:
        if type_.dtype in ("int64", "uint64"):
            return _long_integers(type_.dtype, shape, random)
        top = 3 if type_.dtype == "int8" else 1000
        return random.integers(-top, top, shape).astype(type_.dtype)
    if missing:
        return np.full(shape, np.nan, type_.dtype)
    values = random.normal(random.choice([0, 1e6]), random.choice([1, 1e3]), shape)
    choices = random.random(shape)
    values = np.where(choices < 0.1, np.nan, np.where(choices < 0.3, np.round(values), values))
    values = np.where(
        (choices > 0.9) & (choices < random.choice([0, 1])), random.choice([0.0, -0.0], shape), values
    )
    values *= random.choice([1e150, 1e160, 1e295, 1e-150, 1e-300]) if case.extreme else 1.0
    return np.where(choices < random.choice([0, 0, 0.02]) * (not case.finite), np.inf, values).astype(
        type_.dtype
    )


def _long_integers(dtype: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Make integers near each other: small, of 53 bits, beyond, and at both ends of the type."""
    info = np.iinfo(dtype)
    base = int(random.choice([0, 2**31, 2**53, 2**60 + 1, 2**63 - 1]))
    base = info.max - base if random.random() < 0.3 else info.min + base if random.random() < 0.3 else base
    spread = random.choice([1, 3, 1000, 2**40, 2**62]) if random.random() < 0.9 else 0
    steps = random.integers(-spread, spread + 1, math.prod(shape)).tolist()
    return np.array([min(max(base + step, info.min), info.max) for step in steps], dtype).reshape(shape)


def columns(case: AnalyzerCase, rows: int, seed: int, missing: bool = False) -> list[Any]:
    random = np.random.default_rng(seed)
    return [column(type_, rows, random, missing, case) for type_ in case.types]
