"""Write tests/golden/models: exported models, raw rows for them, and the predictions for those rows.

    python tools/make_golden_models.py [FOLDER]

The files show that a model exported by an earlier version still predicts the same. They were written by the
commit before the package was divided into rooms (25302eb); a new version must read them, not rewrite them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.columns import to_arrow

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "models"
CLASSES = ("shirt", "shoe", "bag")
TEXTS = ("Hello, it's naïve", "", "x y x!!", "42 İstanbul", None, "unseen words")


class TextAndNumber(nn.Module):
    """A network with a ragged and a dense feature."""

    def __init__(self) -> None:
        super().__init__()
        self.bag = hr.nn.BagOfEmbeddings(20, 4)
        self.last = nn.Linear(5, 1)

    def forward(self, price: Tensor, words: Any) -> Tensor:
        """Embed the words, and append the price."""
        return self.last(torch.cat([self.bag(words), price[:, None]], dim=1))


def make_images(folder: Path) -> None:
    """Write a classifier of uint8 images."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 8), dtype=np.uint8)
    batch = pa.record_batch({"image": to_arrow(pixels)})

    def preprocess(inputs: Any) -> Any:
        return {"image": hr.transform.reshape(inputs["image"] / 255, (1, 8, 8))}

    layers = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5))
    model = nn.Sequential(*layers, nn.Linear(144, 3))
    transform = hr.transform.analyze(preprocess, [batch])
    write(
        folder / "images", transform, model, hr.deploy.Classifier(CLASSES), {"image": pixels.tolist()}, batch
    )


def make_offers(folder: Path) -> None:
    """Write a regression from text and a float64 number."""
    prices = np.random.default_rng(0).normal(5, 2, len(TEXTS)).tolist()
    rows = {"text": list(TEXTS), "price": prices}
    batch = pa.record_batch(rows)

    def preprocess(inputs: Any) -> Any:
        t = hr.transform
        words = t.compute_and_apply_vocabulary(t.tokenize(inputs["text"]), num_oov_buckets=4)
        return {"words": words, "price": t.scale_to_z_score(inputs["price"])}

    transform = hr.transform.analyze(preprocess, [batch.slice(0, 5)])
    write(folder / "offers", transform, TextAndNumber(), hr.deploy.Regressor("sold"), rows, batch)


def write(
    base: Path, transform: Any, model: nn.Module, head: Any, rows: dict[str, Any], batch: pa.RecordBatch
) -> None:
    """Write BASE.onnx, and BASE.json with the rows and the predictions."""
    path = base.with_suffix(".onnx")
    hr.deploy.export(path, transform=transform, model=model, head=head)
    predictions = hr.deploy.load(path).predict(batch).to_pydict()
    base.with_suffix(".json").write_text(json.dumps({"rows": rows, "predictions": predictions}) + "\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    make_images(target)
    make_offers(target)
