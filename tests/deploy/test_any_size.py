"""Images of any height and width, where the preprocessing and the network allow them."""

from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import ColumnType, to_arrow
from headrace.deploy import export, load
from headrace.deploy.any_size import allow_any_size
from headrace.errors import SchemaError

t = hr.transform
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 16, 20, 3), dtype=np.uint8)
BATCH = pa.record_batch({"image": to_arrow(PIXELS)})
SCALED = t.analyze(lambda x: {"image": t.transpose(x["image"], (2, 0, 1)) / 255}, [BATCH])


def test_dynamic_image_height_and_width_where_the_network_allows(tmp_path: Path) -> None:
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = nn.Sequential(*layers, nn.Linear(4, 3))
    path = export(tmp_path / "m.onnx", transform=SCALED, model=model)
    (image,) = onnx.load(path).graph.input
    dimensions = [each.dim_param or each.dim_value for each in image.type.tensor_type.shape.dim]
    assert dimensions == ["rows", "height", "width", 3]
    predictor = load(path)
    assert predictor.signature is not None
    assert predictor.signature.inputs[0].shape == (None, None, 3)
    assert hr.deploy.verify(path, [BATCH], transform=SCALED, model=model).passed
    for rows, height, width in ((2, 33, 21), (1, 5, 64)):
        pixels = np.random.default_rng(1).integers(0, 256, (rows, height, width, 3), dtype=np.uint8)
        with torch.no_grad():
            features = torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255
            expected = model.eval()(features).softmax(dim=1).numpy()
        found = np.array(predictor.predict({"image": pixels})["probabilities"].to_pylist())
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["flat", "regrouped"])
def test_a_network_of_one_size_refuses_others_in_one_line(tmp_path: Path, kind: str) -> None:
    """A view of the wrong size gives another number of rows, not an error."""
    view = nn.Flatten() if kind == "flat" else nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (-1, 80)))
    model = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(3, 1, 1), view, nn.Linear(80, 3))
    path = export(tmp_path / "m.onnx", transform=SCALED, model=model)
    predictor = load(path)
    assert predictor.signature is not None
    assert predictor.signature.inputs[0].shape == (16, 20, 3)
    with pytest.raises(SchemaError, match=r"'image': expected values of shape .* per row, got .32, 40"):
        predictor.predict({"image": np.zeros((2, 32, 40, 3), np.uint8)})


@pytest.mark.parametrize(
    ("function", "allowed"),
    [
        (lambda x: t.cast(x, "float32") / 255, True),
        (lambda x: t.transpose(t.cast(x, "float32"), (2, 0, 1)) - 1.0, True),
        (lambda x: t.resize(x, 8, 8, channels_last=True), False),
        (lambda x: t.reshape(x, (48, 20)), False),
        (lambda x: t.scale_to_z_score(x, elementwise=True), False),
    ],
)
def test_steps_that_depend_on_the_size_fix_it(function, allowed: bool) -> None:
    transform = t.analyze(lambda x: {"y": function(x["image"])}, [BATCH])
    changed = allow_any_size(transform.folded_graph)
    assert (changed is not None) == allowed
    assert transform.input_types["image"] == ColumnType("uint8", (16, 20, 3))
