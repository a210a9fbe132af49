"""The ranks of a training: the processes that train one network together, and what they exchange."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any, TypeVar

import torch
from safetensors.torch import load as deserialize
from safetensors.torch import save as serialize
from torch import Tensor, nn
from torch import distributed as dist

from headrace.errors import UsageError
from headrace.parallel import divide_cpus
from headrace.training.ranks.failures import Failures, is_lost_peer
from headrace.training.ranks.threads import use_all_threads

__all__ = ["ALONE", "Ranks"]

T = TypeVar("T")


class Ranks:
    """The processes of a training, seen from one of them; all call the same methods in the same order.

    A single process exchanges nothing: each method returns what it was passed. Numbers travel as JSON,
    tensors as safetensors; nothing is pickled. A rank that fails, ends or hangs fails all; see `Failures`.

    Args:
        rank: The number of this process, from 0.
        count: The number of processes.
        local_rank: The number of this process on its machine.
        failures: Handles the failures of ranks; None for a single process.

    Attributes:
        rank: See above.
        count: See above.
        local_rank: See above.
    """

    def __init__(
        self, rank: int = 0, count: int = 1, local_rank: int = 0, failures: Failures | None = None
    ) -> None:
        self.rank, self.count, self.local_rank = rank, count, local_rank
        self._failures = failures
        self._groups: dict[str, Any] = {}
        self._finished = 0  # pieces of work of the first rank alone

    @property
    def are_many(self) -> bool:
        """Whether there are several processes."""
        return self.count > 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes the files and prints."""
        return self.rank == 0

    @property
    def seeds(self) -> list[int]:
        """What tells the seeds of this rank from those of the first one, which are those of one process."""
        return [self.rank] if self.rank else []

    def note(self, doing: str) -> None:
        """Note what this rank does from now on, for the error of a rank that waits for it."""
        if self._failures is not None:
            self._failures.note(doing)

    def call(self, collective: Callable[[], T]) -> T:
        """Call a collective operation of torch.

        Raises:
            RankError: A rank has failed or ended, or does not come.
        """
        if self._failures is None:
            return collective()
        try:
            with self._failures.waits():
                return collective()
        except RuntimeError as error:
            if not is_lost_peer(error):
                raise
            raise self._failures.explain(error) from None

    def find_failure(self) -> BaseException:
        """Return the error to raise because another rank fails now."""
        assert self._failures is not None
        return self._failures.explain()

    def open_group(self, device: torch.device | None = None) -> Any:
        """Return the group that reduces the tensors of a device: NCCL for CUDA, gloo for others."""
        is_cuda = device is not None and device.type == "cuda" and dist.is_nccl_available()
        backend = "nccl" if is_cuda else "gloo"
        if backend not in self._groups and self._failures is not None:
            timeout = timedelta(seconds=self._failures.seconds * (2 if is_cuda else 1))  # gloo reports first
            make = dist.new_group
            self._groups[backend] = self.call(lambda: make(backend=backend, timeout=timeout))
        return self._groups[backend]

    def close(self) -> None:
        """Wait for all ranks, and close the groups."""
        self.wait()
        while self._groups:
            dist.destroy_process_group(self._groups.popitem()[1])

    def wait(self) -> None:
        """Wait until all ranks are here."""
        self.sum([0.0])

    @contextmanager
    def only_first(self, context: AbstractContextManager[object]) -> Generator[None]:
        """Enter a context on the first rank, before the others go on."""
        with context if self.is_first else nullcontext():
            self.wait()
            yield

    def work_alone(self, work: Callable[[], T], seconds: float, doing: str) -> None:
        """Do work on the first rank, with all CPUs of its machine, while the others wait.

        Args:
            work: Done by the first rank.
            seconds: The longest time that the others wait; a rank that ends is noticed before.
            doing: What the first rank does, for the error of the others.

        Raises:
            RankError: The first rank failed, or took longer.
        """
        if self._failures is None:
            work()
            return
        name = f"work/{self._finished}"
        self._finished += 1
        if not self.is_first:
            self._failures.wait_for(name, seconds, doing)
            return
        self._failures.note(doing)
        with divide_cpus(1), use_all_threads():
            work()
        self._failures.mark(name)

    def sum(self, values: Sequence[float]) -> list[float]:
        """Sum numbers over the ranks."""
        if not self.are_many:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64)
        group = self.open_group()
        self.call(lambda: dist.all_reduce(total, group=group))
        return total.tolist()

    def gather(self, value: Any) -> list[Any]:
        """Return the JSON values of all ranks."""
        if not self.are_many:
            return [value]
        return [json.loads(each) for each in self._gather_bytes(json.dumps(value).encode())]

    def gather_tensors(self, tensors: Mapping[str, Tensor]) -> list[Mapping[str, Tensor]]:
        """Return the tensors of all ranks on the first rank, on the CPU; nothing on the others."""
        if not self.are_many:
            return [tensors]
        return [deserialize(each) for each in self._gather_bytes(_serialize(tensors), only_first=True)]

    def broadcast(self, make: Callable[[], T]) -> T:
        """Return a JSON value that the first rank makes."""
        if not self.are_many:
            return make()
        return json.loads(self.broadcast_bytes(lambda: json.dumps(make()).encode()))

    def broadcast_bytes(self, make: Callable[[], bytes]) -> bytes:
        """Return bytes that the first rank makes."""
        if not self.are_many:
            return make()
        data = make() if self.is_first else b""
        size = int(self.sum([len(data)])[0])
        buffer = torch.zeros(max(size, 1), dtype=torch.uint8)
        if data:
            buffer = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        self._broadcast(buffer)
        return buffer.numpy().tobytes()[:size]

    def broadcast_weights(self, model: nn.Module) -> None:
        """Give a model the weights and buffers of the first rank.

        Raises:
            UsageError: The processes have built different models.
        """
        if not self.are_many:
            return
        tensors = dict([*model.named_parameters(), *model.named_buffers()])
        shapes = {name: [str(each.dtype), list(each.shape)] for name, each in tensors.items()}
        for rank, found in enumerate(self.gather(shapes)):
            if found != shapes and rank < self.rank:  # the last one that differs raises
                names = [name for name in {**shapes, **found} if found.get(name) != shapes.get(name)]
                what = f"the model differs from that of rank {rank}, first in {(names or ['the order'])[0]}"
                raise UsageError(what, hint="build the same model in every process")
        for tensor in tensors.values():
            sent = _copy(tensor)
            if sent.numel():
                self._broadcast(sent.reshape(-1).view(torch.uint8))  # gloo does not send all types
                with torch.no_grad():
                    tensor.copy_(sent)

    def _broadcast(self, tensor: Tensor) -> None:
        group = self.open_group()
        self.call(lambda: dist.broadcast(tensor, dist.get_global_rank(group, 0), group=group))

    def _gather_bytes(self, data: bytes, *, only_first: bool = False) -> list[bytes]:
        mine = [0.0] * self.count
        mine[self.rank] = len(data)
        sizes = [int(size) for size in self.sum(mine)]
        sent = torch.zeros(max(*sizes, 1), dtype=torch.uint8)
        if data:
            sent[: len(data)] = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        found = [torch.empty_like(sent) for _ in sizes] if self.is_first or not only_first else []
        group = self.open_group()
        if only_first:
            first = dist.get_global_rank(group, 0)
            self.call(lambda: dist.gather(sent, found or None, first, group=group))
        else:
            self.call(lambda: dist.all_gather(found, sent, group=group))
        return [each[:size].numpy().tobytes() for each, size in zip(found, sizes, strict=False)]


ALONE = Ranks()
"""A single process."""


def _serialize(tensors: Mapping[str, Tensor]) -> bytes:
    return serialize({name: _copy(each) for name, each in tensors.items()})


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
