"""The base class of peers in PyTorch: the same loss, optimizer and number of threads."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import nn

from bench.peer import PassResult, Peer
from bench.vision.models.workloads import WORKLOADS

__all__ = ["TorchPeer"]


class TorchPeer(Peer):
    """A library's model, eager, with weights in the library's default memory order."""

    workloads = WORKLOADS

    @abstractmethod
    def model(self) -> nn.Module:
        """Create the library's model of the workload, with random weights."""

    def prepare(self, action: str) -> None:
        torch.set_num_threads(self.cpus)
        torch.manual_seed(0)
        self._model = self.model().train(action == "training")
        self._parameters = sum(each.numel() for each in self._model.parameters())
        self._images = torch.from_numpy(self.workload.images)
        self._labels = torch.from_numpy(self.workload.labels)
        self._optimizer = torch.optim.SGD(self._model.parameters(), lr=1e-4, momentum=0.9)

    def run(self, action: str) -> PassResult:
        passes: dict[str, Any] = {"inference": self._infer, "training": self._train}
        passes[action]()
        return PassResult(self.workload.batch, lambda: {"parameters": self._parameters})

    def _infer(self) -> None:
        with torch.inference_mode():
            self._model(self._images)

    def _train(self) -> None:
        loss = nn.functional.cross_entropy(self._model(self._images), self._labels)
        loss.backward()
        self._optimizer.step()
        self._optimizer.zero_grad()
