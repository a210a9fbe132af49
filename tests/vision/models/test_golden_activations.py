"""Logits of torchvision, timm and pretrainedmodels with the same weights, from a golden file."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import headrace as hr

from ...conformance.references.numbers import filled, numbers

GOLDEN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "golden" / "activations.json").read_text()
)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['model']} by {case['by']}")
@torch.no_grad()
def test_logits_equal_the_reference(case: dict[str, Any]) -> None:
    size = case["size"]
    with torch.device("meta"):
        model = hr.vision.create_model(case["model"], input_size=(size, size))
    logits = filled(model)(numbers("images", (2, 3, size, size)))[:, :8]
    expected = torch.tensor(case["logits"])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4 * expected.abs().max().item())
