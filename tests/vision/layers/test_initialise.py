"""Weights for networks with ReLU."""

import torch
from torch import nn

from headrace.vision.layers import initialise


def make(seed: int | None) -> nn.Sequential:
    return initialise(nn.Sequential(nn.Conv2d(8, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)), seed)


def test_signals_keep_their_variance_and_the_output_starts_near_zero() -> None:
    network = make(0)
    first, last = (layer.weight.std().item() for layer in (network[0], network[3]))
    assert abs(first / (2 / (8 * 9)) ** 0.5 - 1) < 0.05
    assert last < 0.011
    assert not network[0].bias.any()
    assert not network[3].bias.any()


def test_a_seed_draws_the_same_weights_and_leaves_torchs_generator_alone() -> None:
    first, second, other = (make(seed)[0].weight for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    layer, state = nn.Linear(2, 2), torch.get_rng_state()
    initialise(layer, 0)
    assert torch.equal(torch.get_rng_state(), state)
