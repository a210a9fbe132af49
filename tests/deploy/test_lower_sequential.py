"""Networks of layers in a row are exported without torch's exporter, with the same answers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.deploy.raw_inputs import choose_transform
from headrace.deploy.sequential import lower_sequential
from headrace.deploy.served_model import served_model
from headrace.layers import Normalization, StringLookup, TextVectorization
from headrace.nn import BagOfEmbeddings

TEXTS = ["a b", "", "b c d " * 30, "A", "x y z", "b"]


def vectorize() -> TextVectorization:
    return TextVectorization(max_tokens=9).adapt(["a b b c", "d", "b"])


def images(*layers: nn.Module) -> nn.Sequential:
    standardize = Normalization(axis=(1, 2)).adapt(np.arange(2 * 12 * 12, dtype=np.uint8).reshape(2, 12, 12))
    return nn.Sequential(standardize, nn.Unflatten(1, (1, 12)), *layers)


IMAGES = pa.FixedShapeTensorArray.from_numpy_ndarray(
    np.random.default_rng(0).integers(0, 256, (7, 12, 12), np.uint8)
)
NUMBERS = pa.array(np.random.default_rng(1).normal(size=(7, 4)).tolist(), pa.list_(pa.float64(), 4))
NETWORKS: dict[str, tuple[Any, Any, Any]] = {
    "linear": (lambda: nn.Linear(4, 3), NUMBERS, None),
    "dense": (
        lambda: nn.Sequential(nn.Linear(4, 5, bias=False), nn.Tanh(), nn.Sequential(nn.Linear(5, 2))),
        NUMBERS,
        None,
    ),
    "activations": (
        lambda: nn.Sequential(
            nn.GELU(), nn.GELU("tanh"), nn.Sigmoid(), nn.Identity(), nn.Dropout(0.5), nn.Linear(4, 2)
        ),
        NUMBERS,
        hr.deploy.Classifier(["no", "yes"], threshold=0.3, temperature=2.0),
    ),
    "regression": (
        lambda: nn.Sequential(nn.Linear(4, 1), hr.nn.AffineOutput(9.0, 5.0)),
        NUMBERS,
        hr.deploy.Regressor("price"),
    ),
    "numbers": (lambda: nn.Sequential(nn.Linear(4, 2)), NUMBERS, hr.deploy.Regressor(["a", "b"])),
    "several": (lambda: nn.Sequential(nn.Linear(4, 3)), NUMBERS, hr.deploy.Regressor("y", size=3)),
    "texts": (
        lambda: nn.Sequential(vectorize(), BagOfEmbeddings(9, 5), nn.Linear(5, 2)),
        pa.array(TEXTS),
        None,
    ),
    "counts": (
        lambda: nn.Sequential(StringLookup(vocabulary=["a", "b"], output_mode="one_hot"), nn.Linear(3, 2)),
        pa.array(["a", "b", "c"]),
        None,
    ),
    "convolutions": (
        lambda: images(
            nn.Conv2d(1, 4, (3, 5), stride=2, padding=(1, 2)), nn.ReLU(), nn.MaxPool2d(2, padding=1),
            nn.Conv2d(4, 4, 3, dilation=2, padding=2, groups=2), nn.Dropout2d(0.1), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(4, 10),
        ),
        IMAGES,
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_answers_as_the_network_does(tmp_path: Path, name: str) -> None:
    torch.manual_seed(0)
    build, column, head = NETWORKS[name]
    model, data = build(), pa.table({"x": column})
    path = hr.deploy.export(tmp_path / "model.onnx", model=model, inputs=data.schema, head=head)
    assert hr.deploy.verify(path, hr.Dataset.from_arrow(data), model=model, head=head).passed
    stored = {each.name for each in onnx.load(path).graph.initializer}
    assert {name for name, _ in model.named_parameters()} <= stored
    with served_model(model, head, choose_transform(None, data.schema)) as served:
        assert lower_sequential(served) is not None


class Doubled(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


def hooked() -> nn.Module:
    layer = nn.Linear(4, 2)
    layer.register_forward_hook(lambda _module, _inputs, output: output * 2)
    return nn.Sequential(layer)


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Sequential(Doubled(4, 2)),
        hooked,
        lambda: nn.Sequential(nn.Linear(4, 2).double().float(), nn.BatchNorm1d(2)),
        lambda: nn.Sequential(nn.Unflatten(1, (2, 2)), nn.Flatten(2), nn.Flatten(), nn.Linear(4, 2)),
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))),
        lambda: nn.Sequential(nn.Linear(4, 1)),  # one logit per row
    ],
)
def test_what_has_no_form_here_is_left_to_torch(tmp_path: Path, build: Any) -> None:
    torch.manual_seed(0)
    model, data = build(), pa.table({"x": NUMBERS})
    with served_model(model, None, choose_transform(None, data.schema)) as served:
        assert lower_sequential(served) is None
    path = hr.deploy.export(tmp_path / "model.onnx", model=model, inputs=data.schema)
    assert hr.deploy.verify(path, hr.Dataset.from_arrow(data), model=model).passed


def test_training_and_export_do_not_load_the_compiler_of_torch(tmp_path: Path) -> None:
    program = """
import sys, headrace as hr, numpy as np
from torch import nn
data = hr.Dataset.from_arrays({"x": np.eye(2, dtype=np.float32), "y": [0, 1]})
model = nn.Sequential(nn.Linear(2, 2))
result = hr.training.fit(model, data, data, label="y", epochs=1, out_dir="run", progress=False)
hr.deploy.export("model.onnx", model=model, inputs=data.schema)
print([name for name in ("torch._dynamo", "sympy", "onnxscript", "matplotlib") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
