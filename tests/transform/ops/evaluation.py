"""Evaluation of a single op on a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from headrace import transform as t

Function = Callable[[t.Column], t.Column]


def evaluate(function: Function, values: Any) -> list[Any]:
    batch = pa.record_batch({"x": values})
    return t.analyze(lambda x: {"y": function(x["x"])}, [batch])(batch)["y"].to_pylist()
