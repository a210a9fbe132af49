"""torchvision, eager, as its documentation recommends; the textbook's CNN, which it lacks, in plain torch."""

from __future__ import annotations

from itertools import pairwise

import torchvision
from torch import nn

from bench.vision.models.torch_peer import TorchPeer


def _convolutions(*widths: int) -> list[nn.Module]:
    pairs = pairwise(widths)
    return [each for pair in pairs for each in (nn.Conv2d(*pair, 3, padding=1), nn.ReLU())]


def _textbook() -> nn.Module:
    """See `headrace.vision.models.fashion_cnn`."""
    first = [nn.Conv2d(1, 64, 7, padding=3), nn.ReLU(), nn.MaxPool2d(2)]
    maps = [*_convolutions(64, 128, 128), nn.MaxPool2d(2), *_convolutions(128, 256, 256), nn.MaxPool2d(2)]
    dense = [nn.Linear(2304, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*first, *maps, nn.Flatten(), *dense, nn.Linear(64, 10))


class Torchvision(TorchPeer):
    def model(self) -> nn.Module:
        name = self.workload.peers["torchvision"]
        if not name:
            return _textbook()
        heads = {"aux_logits": False, "init_weights": True} if name == "googlenet" else {}
        return torchvision.models.get_model(name, weights=None, **heads)


PEER = Torchvision
