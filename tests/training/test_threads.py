"""Small networks train on one thread, since waiting threads of OpenMP spin; others on all."""

import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import Ragged
from headrace.training.loop.threads import is_small, use_threads

ROWS = {"x": torch.zeros(4, 10)}


@pytest.mark.parametrize(
    ("model", "features", "expected"),
    [
        (nn.Sequential(nn.Linear(10, 16), nn.Linear(16, 2)), ROWS, True),
        (nn.Sequential(nn.Linear(10, 1024), nn.Linear(1024, 1024)), ROWS, False),
        (nn.Sequential(nn.Embedding(100_000, 8), nn.Linear(8, 2)), ROWS, True),
        (hr.nn.PeriodicEmbeddings(10, 8), ROWS, True),
        (nn.Sequential(nn.Embedding(100, 8), nn.Conv1d(8, 8, 3)), ROWS, False),
        (nn.Sequential(nn.Embedding(100, 8), nn.GRU(8, 8)), ROWS, False),
        (nn.Conv2d(1, 2, 3), {"x": torch.zeros(4, 1, 8, 8)}, False),
        (nn.Linear(10, 2), {"x": torch.zeros(4, 50, 10)}, False),
        (nn.Linear(10, 2), {"x": Ragged(torch.zeros(3), torch.zeros(2))}, False),
    ],
)
def test_which_networks_are_small(model: nn.Module, features: dict[str, object], expected: bool) -> None:
    assert is_small(model, features, 64) is expected


def test_the_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with use_threads(nn.Linear(10, 2), ROWS, 64):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with use_threads(nn.Linear(1024, 1024), ROWS, 64):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
