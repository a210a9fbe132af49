"""Functions for maps: of kinds whose remedy is known, and of a cost that a number of rounds sets."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from PIL import Image

from headrace.images import decode_image

pc: Any = pyarrow.compute

__all__ = ["DECODE", "NATIVE", "PER_CALL", "PYTHON", "WIDTH", "Function", "Template", "make"]

Function = Callable[[pa.RecordBatch], pa.RecordBatch]
Template = Callable[[int], Function]
WIDTH = 256  # values that native functions compute for each row
CONFIGURATION = json.dumps({f"option_{number}": [number, "text"] for number in range(20)})


def _append(batch: pa.RecordBatch, values: Any) -> pa.RecordBatch:
    return batch.append_column(f"computed_{batch.num_columns}", pa.array(values))


def _keys(batch: pa.RecordBatch) -> Any:
    """Return the numbers that a function computes with, int64 [rows]."""
    return np.asarray(batch["key"]) if "key" in batch.schema.names else np.arange(batch.num_rows)


def arithmetic(rounds: int) -> Function:
    def mix_values(batch: pa.RecordBatch) -> pa.RecordBatch:
        found = []
        for value in _keys(batch).tolist():
            total = 0
            for number in range(rounds):
                total += value * number % 7
            found.append(total)
        return _append(batch, found)

    return mix_values


def texts(rounds: int) -> Function:
    def tokenize(batch: pa.RecordBatch) -> pa.RecordBatch:
        found = []
        for value in _keys(batch).tolist():
            words = f"The row number {value} is read".lower().split()
            for _ in range(rounds):
                words = "-".join(words).split("-")
            found.append(len(words))
        return _append(batch, found)

    return tokenize


def expressions(rounds: int) -> Function:
    pattern = re.compile(r"(\d+)[a-z]+")

    def parse_codes(batch: pa.RecordBatch) -> pa.RecordBatch:
        codes = [f"{value}abc" for value in _keys(batch).tolist()]
        return _append(batch, [sum(len(pattern.findall(code)) for _ in range(rounds)) for code in codes])

    return parse_codes


def comprehension(rounds: int) -> Function:
    def smooth(batch: pa.RecordBatch) -> pa.RecordBatch:
        keys = _keys(batch).tolist()
        return _append(batch, [sum([math.sqrt(key + each) for each in range(rounds)]) for key in keys])

    return smooth


def rows_of_numpy(rounds: int) -> Function:
    def flip_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
        table = _keys(batch).astype(np.float64)[:, None] + np.arange(8)
        found = []
        for row in table:
            for _ in range(rounds):
                row = np.flip(row) + 1
            found.append(row[0])
        return _append(batch, found)

    return flip_rows


def sines(rounds: int) -> Function:
    def normalize(batch: pa.RecordBatch) -> pa.RecordBatch:
        values = np.repeat(_keys(batch).astype(np.float64), WIDTH)
        for _ in range(rounds):
            values = np.sin(values)
        return _append(batch, values[::WIDTH])

    return normalize


def products(rounds: int) -> Function:
    weights = np.full((64, 64), 0.5 / 64, np.float32)

    def project(batch: pa.RecordBatch) -> pa.RecordBatch:
        values = np.repeat(_keys(batch).astype(np.float32), WIDTH).reshape(-1, 64)
        for _ in range(rounds):
            values = values @ weights
        return _append(batch, values[:: WIDTH // 64, 0])

    return project


def sorts(rounds: int) -> Function:
    def rank(batch: pa.RecordBatch) -> pa.RecordBatch:
        values = np.tile(_keys(batch) * 2654435761 % 100_003, WIDTH // 8)
        for _ in range(rounds):
            np.sort(values)
        return _append(batch, values[: batch.num_rows])

    return rank


def arrow(rounds: int) -> Function:
    def scale(batch: pa.RecordBatch) -> pa.RecordBatch:
        values = pc.cast(pa.array(np.repeat(_keys(batch), WIDTH)), pa.float64())
        for _ in range(rounds):
            values = pc.sqrt(pc.add(values, 1.0))
        return _append(batch, np.asarray(values)[::WIDTH])

    return scale


def constant_python(rounds: int) -> Function:
    def read_options(batch: pa.RecordBatch) -> pa.RecordBatch:
        for _ in range(rounds):
            json.loads(CONFIGURATION)
        return _append(batch, _keys(batch) + 1)

    return read_options


def constant_arrow(rounds: int) -> Function:
    def cast_columns(batch: pa.RecordBatch) -> pa.RecordBatch:
        key = pa.array(_keys(batch))
        for _ in range(rounds):
            key = pc.add(pc.cast(key, pa.int64()), 1)
        return _append(batch, key)

    return cast_columns


def constant_numpy(rounds: int) -> Function:
    def look_up(batch: pa.RecordBatch) -> pa.RecordBatch:
        values = _keys(batch)
        for number in range(rounds):
            values = np.where(values > number, values, number)
        return _append(batch, values)

    return look_up


def decode_jpegs(rounds: int) -> Function:
    def decode(batch: pa.RecordBatch) -> pa.RecordBatch:
        means = []
        for data in batch["image"].to_pylist():
            decoded = [decode_image(data) for _ in range(rounds)]
            means.append(int(decoded[0][0, 0, 0]))
        return _append(batch, means)

    return decode


def resize_jpegs(rounds: int) -> Function:
    def decode_and_resize(batch: pa.RecordBatch) -> pa.RecordBatch:
        means = []
        for data in batch["image"].to_pylist():
            for _ in range(rounds):
                picture = Image.open(BytesIO(data)).convert("L").resize((96, 96), Image.Resampling.BICUBIC)
                means.append(picture.getextrema())
        return _append(batch, np.full(batch.num_rows, len(means)))

    return decode_and_resize


PYTHON: tuple[Template, ...] = (arithmetic, texts, expressions, comprehension, rows_of_numpy)
NATIVE: tuple[Template, ...] = (sines, products, sorts, arrow)
PER_CALL: tuple[Template, ...] = (constant_python, constant_arrow, constant_numpy)
DECODE: tuple[Template, ...] = (decode_jpegs, resize_jpegs)


def make(template: Template, rounds: int) -> Function:
    """Make a function with a name of its own, which the verdict names."""
    function = template(max(1, rounds))
    function.__qualname__ = function.__name__
    return function
