"""`export` and `verify` leave the user's model as it was, also when they fail."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Regressor, export
from headrace.errors import ModelError


class _Network(nn.Module):
    """Changes itself in every call: a buffer, an attribute, a list, a dict."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(1)
        self.last = nn.Linear(1, 1)
        self.last.bias.requires_grad_(False)
        self.shared = self.last
        self.register_buffer("calls", torch.zeros(1))
        self.register_buffer("absent", None)
        self.seen: list[Any] = []
        self.cache: dict[str, Any] = {"kept": 1}
        self.width: int | None = None
        self.fails = False

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        self.cache["x"] = x
        self.width = 1
        if self.fails:
            raise ValueError("it fails")
        self.calls += 1
        return self.last(self.norm(x[:, None]))


def _state(model: nn.Module) -> dict[str, Any]:
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        "modes": [each.training for each in model.modules()],
        "tensors": {name: (id(each), each.data_ptr(), each.device) for name, each in tensors.items()},
        "values": {name: each.detach().clone().tolist() for name, each in tensors.items()},
        "requires_grad": {name: each.requires_grad for name, each in tensors.items()},
        "gradients": {name: None if each.grad is None else id(each.grad) for name, each in tensors.items()},
        "hooks": [[dict(getattr(each, name)) for name in _HOOKS] for each in model.modules()],
        "attributes": [sorted(each.__dict__) for each in model.modules()],
    }


_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_state_dict_hooks")


@pytest.mark.parametrize("fails", [False, True])
def test_the_users_model_is_left_as_it_was_mode_device_hooks(tmp_path: Path, fails: bool) -> None:
    batch = pa.record_batch({"x": pa.array(np.arange(4.0))})
    transform = hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_z_score(x["x"])}, [batch])
    model = _Network().train()
    model.norm.eval()
    model(torch.randn(5)).sum().backward()
    model.seen.clear()
    del model.cache["x"]
    model.width, model.fails = None, fails
    hooked = list[int]()
    model.last.register_forward_hook(lambda *_: hooked.append(1))
    before, random = _state(model), torch.get_rng_state()
    arguments = {"transform": transform, "model": model, "head": Regressor()}
    if fails:
        with pytest.raises(ModelError, match="it fails"):
            export(tmp_path / "m.onnx", **arguments)
    else:
        path = export(tmp_path / "m.onnx", **arguments)
        assert hr.deploy.verify(path, [batch], **arguments).passed
    assert _state(model) == before
    assert (model.seen, model.cache, model.width) == ([], {"kept": 1}, None)
    assert torch.equal(torch.get_rng_state(), random)
    model.fails = False
    model(torch.randn(5)).sum().backward()  # the graph of training still works


def test_a_compiled_model_and_a_data_parallel_one_are_exported(tmp_path: Path) -> None:
    batch = pa.record_batch(
        {"x": pa.array(np.arange(8.0, dtype=np.float32).reshape(4, 2).tolist(), pa.list_(pa.float32(), 2))}
    )
    transform = hr.transform.analyze(lambda x: {"x": x["x"]}, [batch])
    model = nn.Linear(2, 3)
    expected = model(torch.tensor(batch["x"].to_pylist())).softmax(1).tolist()
    for wrapped in (torch.compile(model), nn.DataParallel(model)):
        path = export(tmp_path / "m.onnx", transform=transform, model=wrapped)
        np.testing.assert_allclose(hr.deploy.load(path).run(batch)["probabilities"], expected, rtol=1e-5)


def test_inside_autocast_the_model_is_exported_as_it_is(tmp_path: Path) -> None:
    """torch's mixed precision would be written into the file, which ONNX Runtime cannot compute."""
    batch = pa.record_batch({"x": pa.array([1.0, 2.0])})
    transform = hr.transform.analyze(lambda x: {"x": hr.transform.reshape(x["x"], (1,))}, [batch])
    model = nn.Linear(1, 2)
    with torch.autocast("cpu"):
        path = export(tmp_path / "m.onnx", transform=transform, model=model)
    assert hr.deploy.verify(path, [batch], transform=transform, model=model).passed
    names = {each.name for each in onnx.load(path).graph.initializer}
    assert {"weight", "bias"} <= names  # as in the state dict


def test_a_lazy_parameter_is_one_line_and_stays_lazy(tmp_path: Path) -> None:
    model = nn.LazyLinear(2)
    with pytest.raises(ModelError, match="the parameter 'weight' has no shape yet"):
        export(tmp_path / "m.onnx", inputs={"x": "float32"}, model=model)
    assert model.has_uninitialized_params()
