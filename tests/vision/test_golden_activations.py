"""What torchvision, timm and pretrainedmodels compute with the same weights, from a file of theirs."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import headrace as hr

from ..conformance.references.numbers import filled, numbers

GOLDEN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "activations.json").read_text()
)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['model']} by {case['by']}")
@torch.no_grad()
def test_the_reference_computes_the_same(case: dict[str, Any]) -> None:
    size = case["size"]
    with torch.device("meta"):
        model = hr.vision.create_model(case["model"], input_size=(size, size))
    logits = filled(model)(numbers("images", (2, 3, size, size)))[:, :8]
    expected = torch.tensor(case["logits"])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4 * expected.abs().max().item())
