"""Two exported models, shared by the tests of this folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.columns import to_arrow
from headrace.deploy import Classifier, Head, Regressor, export

CLASSES = ("shirt", "shoe", "bag")
TEXTS = ("Hello, it's naïve", "", "x y x!!", "42 İstanbul", None)


@dataclass(frozen=True)
class Exported:
    """An exported model, what it was exported from, and raw rows for it."""

    path: Path
    transform: hr.Transform
    model: nn.Module
    head: Head
    batch: pa.RecordBatch


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Dense uint8 images to class names."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (40, 8, 8), dtype=np.uint8)
    batch = pa.record_batch({"image": to_arrow(pixels), "label": pa.array(generator.integers(0, 3, 40))})

    def preprocess(inputs):
        return {"image": hr.transform.reshape(inputs["image"] / 255, (1, 8, 8)), "label": inputs["label"]}

    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5))
    model = nn.Sequential(*layers, nn.Linear(144, 3))
    transform = hr.transform.analyze(preprocess, [batch]).without("label")
    path = tmp_path_factory.mktemp("images") / "model.onnx"
    head = Classifier(CLASSES)
    return Exported(export(path, transform=transform, model=model, head=head), transform, model, head, batch)


class TextAndNumber(nn.Module):
    """A ragged and a dense feature, by name, in another order than the transform returns them."""

    def __init__(self) -> None:
        super().__init__()
        self.bag = hr.nn.BagOfEmbeddings(20, 4)
        self.last = nn.Linear(5, 1)

    def forward(self, price: Tensor, words) -> Tensor:
        assert price.dtype == torch.float32
        return self.last(torch.cat([self.bag(words), price[:, None]], dim=1))


@pytest.fixture(scope="session")
def offers(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Text and a float64 number to one number."""
    generator = np.random.default_rng(0)
    texts = [TEXTS[each] for each in generator.integers(0, len(TEXTS), 60)]
    batch = pa.record_batch({"text": pa.array(texts), "price": pa.array(generator.normal(5, 2, 60))})

    def preprocess(inputs):
        t = hr.transform
        words = t.compute_and_apply_vocabulary(t.tokenize(inputs["text"]), num_oov_buckets=4)
        return {"words": words, "price": t.scale_to_z_score(inputs["price"])}

    torch.manual_seed(0)
    model, head = TextAndNumber(), Regressor("sold")
    transform = hr.transform.analyze(preprocess, [batch])
    path = tmp_path_factory.mktemp("offers") / "model.onnx"
    return Exported(export(path, transform=transform, model=model, head=head), transform, model, head, batch)
