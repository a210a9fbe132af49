"""Layers inside a model fold their constants once, and again after their statistics change."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from headrace.layers import Normalization, Rescaling
from headrace.layers.layer import PreprocessingLayer


def adapted(data: Any = (1.0, 2.0, 3.0)) -> Normalization:
    return Normalization().adapt(np.asarray(data, np.float32))


def make_model(layer: PreprocessingLayer) -> nn.Sequential:
    return nn.Sequential(layer)


X = torch.tensor([2.0, 3.0])


def test_constants_are_folded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = adapted()
    model = make_model(layer)
    expected = model(X)
    monkeypatch.setattr(type(layer), "_read_constant", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr(type(layer), "_graph_for", lambda *_: pytest.fail("looked up again"))
    assert torch.equal(model(X), expected)
    with torch.inference_mode():
        assert torch.equal(model(X.clone()), expected)


def test_a_statistic_changed_in_place_is_read_again() -> None:
    layer = adapted()
    model = make_model(layer)
    before = model(X)
    with torch.no_grad():
        next(iter(layer.buffers())).add_(1)
    assert not torch.equal(model(X), before)


def test_statistics_that_are_loaded_adapted_or_converted_are_used() -> None:
    layer, other = adapted(), adapted([5.0, 6.0, 10.0])
    model = make_model(layer)
    before = model(X)
    expected = make_model(other)(X)
    model.load_state_dict(make_model(other).state_dict())
    assert torch.equal(model(X), expected)
    layer.adapt(np.array([1.0, 2.0, 3.0], np.float32))
    assert torch.equal(model(X), before)
    assert model.double()(X.double()).dtype == torch.float64
    assert torch.equal(copy.deepcopy(model)(X), model(X))


def test_shapes_and_types_have_programs_of_their_own() -> None:
    model = make_model(Rescaling(2.0))
    assert model(torch.ones(2)).tolist() == [2.0, 2.0]
    assert model(torch.ones(2, 3)).shape == (2, 3)
    assert model(torch.ones(2, dtype=torch.int64)).tolist() == [2.0, 2.0]
    assert model(torch.ones(5)).shape == (5,)


def test_constants_of_a_tracer_are_not_kept() -> None:
    model = make_model(adapted())
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        model(mode.from_tensor(X))
    assert model(X).tolist() == adapted()(X.numpy()).tolist()


def test_gradients_reach_the_inputs() -> None:
    x = X.clone().requires_grad_()
    make_model(adapted())(x).sum().backward()
    assert x.grad is not None
    assert float(x.grad[0]) == pytest.approx(1 / np.sqrt(2 / 3), rel=1e-6)
