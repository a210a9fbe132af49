"""Two models that an earlier version exported (see tools/make_golden_models.py), with raw rows for them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import to_arrow

MODELS = Path(__file__).parents[1] / "golden" / "models"


@dataclass(frozen=True)
class GoldenModel:
    """An exported model, raw rows, and the predictions of the version that exported it."""

    path: Path
    batch: pa.RecordBatch
    predictions: dict[str, Any]


@pytest.fixture
def images() -> GoldenModel:
    """A classifier of uint8 images into shirts, shoes and bags."""
    golden = json.loads((MODELS / "images.json").read_text())
    pixels = to_arrow(np.array(golden["rows"]["image"], np.uint8))
    return GoldenModel(MODELS / "images.onnx", pa.record_batch({"image": pixels}), golden["predictions"])


@pytest.fixture
def offers() -> GoldenModel:
    """A regression from text and a float64 number."""
    golden = json.loads((MODELS / "offers.json").read_text(encoding="utf-8"))
    return GoldenModel(MODELS / "offers.onnx", pa.record_batch(golden["rows"]), golden["predictions"])
