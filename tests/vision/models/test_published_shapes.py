"""Output shapes by stage, against the published tables."""

import pytest
import torch

import headrace as hr
from headrace.vision.models import find_model


def stage_shapes(name: str) -> list[tuple[str, int, int]]:
    """List (stage, maps or features, side), as textbook tables do."""
    spec = find_model(name)
    with torch.device("meta"):
        model = hr.vision.create_model(name).eval()
    images = torch.empty(1, spec.in_channels, *spec.input_size, device="meta")
    rows: list[tuple[str, int, int]] = []
    for stage, layer in model.named_children():
        images = layer(images)
        rows.append((stage, images.shape[1], images.shape[2] if images.ndim == 4 else 1))
    return rows


LENET = [
    ("In", 1, 32),
    ("C1", 6, 28),
    ("S2", 6, 14),
    ("C3", 16, 10),
    ("S4", 16, 5),
    ("C5", 120, 1),
    ("F6", 84, 1),
]


ALEXNET = [
    *[("C1", 96, 55), ("S2", 96, 27), ("C3", 256, 27), ("S4", 256, 13), ("C5", 384, 13), ("C6", 384, 13)],
    *[("C7", 256, 13), ("S8", 256, 6), ("F9", 4096, 1), ("F10", 4096, 1), ("output", 1000, 1)],
]


ZFNET = [("C1", 96, 110), ("S2", 96, 55), ("C3", 256, 26), ("S4", 256, 13), ("C7", 256, 13), ("S8", 256, 6)]


RESNET = [
    ("conv1", 64, 112),
    ("conv2_x", 64, 56),
    ("conv3_x", 128, 28),
    ("conv4_x", 256, 14),
    ("conv5_x", 512, 7),
]


@pytest.mark.parametrize(
    ("name", "table"),
    [("lenet5_original", LENET), ("alexnet", ALEXNET), ("zfnet", ZFNET), ("resnet34", RESNET)],
)
def test_shapes_equal_the_published_table(name: str, table: list[tuple[str, int, int]]) -> None:
    named = {row[0] for row in table}
    assert [row for row in stage_shapes(name) if row[0] in named] == table
