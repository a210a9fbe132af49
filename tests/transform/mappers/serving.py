"""A batch to analyse, a batch to serve, and the results of a mapper in every form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa

import headrace as hr
from headrace import transform as t

KEYS = ["a", "b", "a", "", "b", "a", "c", "b"]
X = [1.0, 10.0, 2.0, 7.0, 30.0, 6.0, 5.0, 20.0]
BATCH = pa.record_batch({"x": X, "key": KEYS})
SERVED = pa.record_batch({"x": [*X, 4.0, np.nan], "key": [*KEYS, "new", "a"]})


def serve(function: Callable[[Any], t.Column], path: Path) -> np.ndarray:
    """Return the mapper's results for `SERVED`; check that memory, disk and ONNX Runtime agree."""
    frozen = t.analyze(lambda x: {"y": function(x)}, [BATCH.slice(0, 3), BATCH.slice(3)])
    found = frozen(SERVED)["y"].to_numpy(zero_copy_only=False)
    frozen.save(path / "t")
    np.testing.assert_array_equal(hr.Transform.load(path / "t")(SERVED)["y"], found)
    session = onnxruntime.InferenceSession(frozen.to_onnx().SerializeToString())
    feeds = {name: SERVED[name].to_numpy(zero_copy_only=False) for name in frozen.input_types}
    np.testing.assert_array_equal(session.run(None, feeds)[0], found)
    return found
