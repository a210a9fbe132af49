"""The replica of a network on a rank: its forward pass, and what the ranks exchange for an update."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DataParallel, DistributedDataParallel

from headrace.errors import UsageError
from headrace.training.ranks.ranks import Ranks

__all__ = ["Replica", "unwrap"]

_SYNCS = "forward_sync_buffers"  # the name of the argument `broadcast_buffers` since torch 2.12


def unwrap(model: nn.Module) -> nn.Module:
    """Return the network that a user wrapped for several processes.

    Raises:
        UsageError: Its parameters are divided among the processes.
    """
    while isinstance(model, DistributedDataParallel | DataParallel):
        model = model.module
    kinds = {type(each).__name__ for each in [*model.modules(), *model.parameters()]}
    if kinds & {"FullyShardedDataParallel", "DTensor"}:
        what = "expected a network whose parameters are whole in every process, got one that FSDP divides"
        raise UsageError(what, hint="pass the network before it is wrapped")
    return model


class _Network(nn.Module):
    """Returns what a function makes of the features: DistributedDataParallel must see all outputs."""

    def __init__(self, model: nn.Module, forward: Callable[[Any], Any]) -> None:
        super().__init__()
        self.model = model
        self.never_used = nn.Parameter(torch.zeros(1))  # torch warns of a search for such that finds none
        self._forward = forward

    def forward(self, features: Any) -> Any:
        return self._forward(features)


class Replica:
    """A network on one of several ranks.

    On a CPU, the gradients, the running statistics of batch norms and the flags of an update travel in one
    message: a message costs as much as a layer. On other devices DistributedDataParallel averages gradients
    while they are computed, and finds the parameters that a batch does not use; gradients that are
    accumulated over batches, and those of a batch that some ranks have no rows of, are averaged afterwards.
    A parameter that no rank uses keeps no gradient, as in one process. Batch norms use the rows of their
    rank; their running statistics are averaged over the ranks, by rows, at each update.

    Args:
        model: The network, on its device.
        forward: Returns all outputs of the network, those of auxiliary heads too.
        ranks: The ranks.
        device: The device.
        overlaps: Whether DistributedDataParallel averages the gradients.
    """

    def __init__(
        self,
        model: nn.Module,
        forward: Callable[[Any], Any],
        ranks: Ranks,
        device: torch.device,
        *,
        overlaps: bool,
    ) -> None:
        self._ranks, self._forward = ranks, forward
        self._parameters = [each for each in model.parameters() if each.requires_grad]
        self._norms = [each for each in model.modules() if getattr(each, "running_mean", None) is not None]
        self._group = ranks.open_group(device)
        self._network: nn.Module | None = None
        if overlaps:
            known = inspect.signature(DistributedDataParallel).parameters
            settings: dict[str, Any] = {(_SYNCS if _SYNCS in known else "broadcast_buffers"): False}
            settings |= {"process_group": self._group, "find_unused_parameters": True}
            network = _Network(model, forward).to(device)
            self._network = ranks.call(lambda: DistributedDataParallel(network, **settings))
        self._is_reduced = False

    def compute(self, features: Any, *, is_full: bool) -> Any:
        """Return all outputs for the features of a batch.

        Args:
            features: The features.
            is_full: Whether every rank has rows of the batch.
        """
        self._is_reduced = is_full and self._network is not None
        return self._network(features) if is_full and self._network is not None else self._forward(features)

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of a loss of the last outputs."""
        if self._is_reduced or self._network is None:
            loss.backward()
            return
        found = torch.autograd.grad(loss, self._parameters, allow_unused=True)  # calls no hook of the reducer
        for parameter, gradient in zip(self._parameters, found, strict=True):
            if gradient is not None:  # pyright: ignore[reportUnnecessaryComparison]
                parameter.grad = torch.empty_like(parameter).copy_(gradient)

    def finish(self, share: float, flags: Sequence[float]) -> list[float]:
        """Average what is not averaged yet, before an update of the weights.

        Args:
            share: The share of this rank in the rows since the last update, 0 to 1.
            flags: Small integers.

        Returns:
            The flags, summed over the ranks.
        """
        parameters = [] if self._is_reduced else self._parameters
        self._is_reduced = False  # until the next outputs: a rank may have no rows
        statistics = self._list_statistics()
        joined = flags if self._network is None else ()  # a GPU computes on while flags are exchanged
        notes = torch.tensor([*joined, *(each.grad is not None for each in parameters)], dtype=torch.float32)
        with torch.no_grad():
            gradients = [_read_gradient(each).mul_(1 / self._ranks.count) for each in parameters]
            means = [each * share for each in statistics]
            notes, *found = self._sum([notes.to(self._parameters[0].device), *gradients, *means])
            sums = notes.tolist()
            for parameter, gradient, users in zip(parameters, found, sums[len(joined) :], strict=False):
                parameter.grad = gradient if users else None
            for each, mean in zip(statistics, found[len(parameters) :], strict=True):
                each.copy_(mean)
        return sums[: len(joined)] if self._network is None else self._ranks.sum(flags)

    def _list_statistics(self) -> list[Tensor]:
        """List the running statistics of the batch norms that train."""
        running = [(each.running_mean, each.running_var) for each in self._norms if each.training]
        return [each for pair in running for each in pair if isinstance(each, Tensor)]

    def _sum(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Sum dense tensors over the ranks; those of a type travel in one message."""
        sums = list(tensors)
        for kind in dict.fromkeys(each.dtype for each in tensors if each.numel()):
            places = [place for place, each in enumerate(tensors) if each.dtype == kind]
            sizes = [tensors[place].numel() for place in places]
            flat = torch.cat([_list_memory(tensors[place]) for place in places])
            self._ranks.call(partial(dist.all_reduce, flat, group=self._group))
            for place, part in zip(places, flat.split(sizes), strict=True):
                like = tensors[place]
                sums[place] = part.as_strided(like.shape, like.stride())
        return sums


def _list_memory(tensor: Tensor) -> Tensor:
    return tensor.as_strided((tensor.numel(),), (1,))


def _read_gradient(parameter: Tensor) -> Tensor:
    """Return the gradient of a parameter, or zeros, dense and in the same order in memory on all ranks."""
    gradient, place = parameter.grad, torch.empty_like(parameter)
    if gradient is None:
        return place.zero_()
    return gradient if gradient.stride() == place.stride() else place.copy_(gradient)
