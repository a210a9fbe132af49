"""The optimizers that `fit` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from headrace.arguments import check_choice
from headrace.training.options import Options

__all__ = ["make_optimizer"]

MOMENTUM = 0.9

OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = {
    "adamw": AdamW,
    "sgd": lambda groups, **settings: SGD(groups, momentum=MOMENTUM, nesterov=True, **settings),
}


def make_optimizer(model: nn.Module, options: Options, device: torch.device) -> Optimizer:
    """Make an optimizer that decays weight matrices, kernels and embeddings, not biases or norm scales.

    "adamw" subtracts the decay from the weights (I. Loshchilov, F. Hutter, 2017, arXiv:1711.05101); "sgd",
    with Nesterov momentum of 0.9, adds it to the gradient.

    Raises:
        UsageError: The optimizer name is unknown.
    """
    name = check_choice(options.optimizer, "optimizer", OPTIMIZERS)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": options.weight_decay},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
    ]
    return OPTIMIZERS[name](groups, lr=options.learning_rate, fused=device.type in ("cpu", "cuda"))
