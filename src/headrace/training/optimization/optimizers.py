"""torch's optimizers by name, and the groups of parameters that they update."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from headrace.arguments import check_choice
from headrace.errors import ModelError
from headrace.training.optimization.parts import check_patterns, match_part
from headrace.training.optimization.weight_update import DECAY, PEAK
from headrace.training.optimization_options import OPTIMIZERS
from headrace.training.options import Options

__all__ = ["check_moments", "make_optimizer"]

MOMENTUM = 0.9
_FUSED_ON_CPU = ("adam", "adamw", "adagrad", "sgd")
DECOUPLED = "adamw"
_LARGE = 1 << 18  # values of a matrix whose decay costs more apart than a group of its own


def make_optimizer(model: nn.Module, options: Options, device: torch.device) -> Optimizer:
    """Make an optimizer that decays weight matrices, kernels and embeddings, not biases or norm scales.

    "adamw" subtracts the decay from the weights (I. Loshchilov, F. Hutter, 2017, arXiv:1711.05101); the other
    optimizers add it to the gradient. "sgd" has Nesterov momentum of 0.9.

    Raises:
        UsageError: The name of the optimizer is unknown, or a pattern of a part matches no parameter.
        ModelError: An embedding that is trained has sparse gradients.
    """
    _check_dense(model)
    name = check_choice(options.optimizer, "optimizer", OPTIMIZERS)
    make = _classes()[name]
    settings: dict[str, Any] = {"momentum": MOMENTUM, "nesterov": True} if name == "sgd" else {}
    accepted = inspect.signature(make).parameters
    if "fused" in accepted and (device.type == "cuda" or (device.type == "cpu" and name in _FUSED_ON_CPU)):
        settings["fused"] = True
    else:
        settings["foreach"] = True
    return make(_group(model, options), lr=options.learning_rate, **settings)


def _check_dense(model: nn.Module) -> None:
    for name, module in model.named_modules():
        is_sparse = isinstance(module, nn.Embedding | nn.EmbeddingBag) and module.sparse
        if is_sparse and module.weight.requires_grad:
            what = f"layer '{name}' has sparse gradients, which no optimizer of fit supports"
            raise ModelError(what, hint="make it with sparse=False")


def _classes() -> Mapping[str, Callable[..., Optimizer]]:
    return {name.lower(): found for name, found in vars(torch.optim).items() if isinstance(found, type)}


def _group(model: nn.Module, options: Options) -> list[dict[str, Any]]:
    """Group trainable parameters by learning rate and decay; groups of no parameters are left out."""
    check_patterns(model, options.learning_rates, "learning_rates")
    is_decoupled = options.optimizer == DECOUPLED
    groups: dict[tuple[float, float], list[Tensor]] = {}
    named = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
    for is_matrix in (True, False):
        for name, parameter in named:
            if (parameter.ndim >= 2) is is_matrix:
                is_own = is_matrix and (not is_decoupled or parameter.numel() >= _LARGE)
                decay = options.weight_decay if is_own else 0.0
                groups.setdefault((_find_rate(name, options), decay), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": rate,
            "weight_decay": decay,
            PEAK: rate,
            DECAY: options.weight_decay if is_decoupled and not decay else 0.0,
        }
        for (rate, decay), parameters in groups.items()
    ]


def _find_rate(name: str, options: Options) -> float:
    rates = options.learning_rates.items()
    return next((rate for pattern, rate in rates if match_part(name, pattern)), options.learning_rate)


def check_moments(
    state: Mapping[int, Mapping[str, Tensor]], parameters: Sequence[Tensor], optimizer: Optimizer
) -> None:
    """Check what fused optimizers do not: they read a moment of another shape beyond its end.

    Raises:
        ValueError: A moment is missing, unknown or of another shape.
    """
    expected = _probe_moments(optimizer)
    for index, moments in state.items():
        if set(moments) != set(expected):
            raise ValueError(f"optimizer/{index}: expected {sorted(expected)}, got {sorted(moments)}")
        for key, value in moments.items():
            shape = list(parameters[index].shape) if expected[key] else []
            if list(value.shape) != shape:
                raise ValueError(f"optimizer/{index}/{key}: expected shape {shape}, got {list(value.shape)}")


def _probe_moments(optimizer: Optimizer) -> dict[str, bool]:
    """Name the moments that an optimizer of this kind keeps, and whether they have the parameter's shape."""
    parameter = torch.zeros(2, 3, requires_grad=True)
    parameter.grad = torch.ones_like(parameter)
    settings = {name: value for name, value in optimizer.defaults.items() if name != "differentiable"}
    accepted = inspect.signature(type(optimizer)).parameters
    known = {name: value for name, value in settings.items() if name in accepted}
    make: Any = type(optimizer)
    probe = make([parameter], **({**known, "fused": None} if "fused" in accepted else known))
    probe.step()
    return {key: value.shape == parameter.shape for key, value in probe.state[parameter].items()}
