"""A peer that loads batches: what each library implements, and the passes that are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bench import peer
from bench.data.workloads import LABEL, WORKLOADS, Workload, summarize
from bench.peer import PassResult

__all__ = ["Batch", "Loader", "LoaderPeer"]

Batch = Mapping[str, Any]
RESUME = "resume"


@dataclass
class Loader:
    """The batches of a workload, as columns by name.

    A library whose iterators have no `state_dict` and `load_state_dict` overrides `save` and `resume`, or
    does not take part in that comparison.

    Attributes:
        epoch: `epoch(number)` opens an epoch; each epoch has its own order.
    """

    epoch: Callable[[int], Iterator[Batch]]

    def save(self, batches: int) -> Any:
        """Return the state after the first `batches` batches of an epoch."""
        iterator = self.epoch(0)
        for _ in range(batches):
            next(iterator)
        state = iterator.state_dict()  # type: ignore[attr-defined]
        self.close(iterator)
        return state

    def resume(self, state: Any) -> Iterator[Batch]:
        """Open the epoch at a state."""
        iterator = self.epoch(0)
        iterator.load_state_dict(state)  # type: ignore[attr-defined]
        return iterator

    def close(self, iterator: Iterator[Batch]) -> None:
        """Stop an iterator before its end, if it needs to be stopped."""
        if hasattr(iterator, "close"):
            iterator.close()  # type: ignore[attr-defined]


class LoaderPeer(peer.Peer):
    """A library that loads the workloads in one or several ways, its variants.

    The actions are `write`, which writes files; `idle`, which does nothing; `epoch VARIANT`, a pass over all
    batches; `check VARIANT`, the same with values to compare; and `resume PERCENT VARIANT`, the first batch
    from a state at that percentage of the epoch.

    Attributes:
        loaders: Opens the loader of `WORKLOAD VARIANT`.
    """

    workloads: ClassVar[Mapping[str, Workload]] = WORKLOADS
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]]

    def __init__(self, workload: str, directory: Path, cpus: int) -> None:
        name, _, rows = workload.partition(":")
        super().__init__(name, directory, cpus)
        if rows:
            self.workload = self.workload.resize(int(rows))
        self._loaders: dict[str, Loader] = {}
        self._states: dict[str, Any] = {}
        self._epoch = 0

    @property
    def folder(self) -> Path:
        """The folder of this library's own files."""
        folder = self.directory / type(self).__module__.rpartition(".")[2] / self.workload.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def files(self, pattern: str) -> list[str]:
        """List the files of the workload that Headrace has written: TFRecord, Parquet, or photos."""
        return sorted(str(path) for path in (self.directory / "headrace" / self.workload.name).glob(pattern))

    def write(self) -> None:
        """Write the rows in the library's own format, where it does not read Headrace's files."""

    def _loader(self, variant: str) -> Loader:
        if variant not in self._loaders:
            self._loaders[variant] = self.loaders[f"{self.workload.name} {variant}"](self)
        return self._loaders[variant]

    def prepare(self, action: str) -> None:
        """See `bench.peer.Peer`."""
        task, *options = action.split()
        if task in ("idle", "write"):
            return
        loader = self._loader(options[-1])
        if task == RESUME:
            batches = self.workload.rows // self.workload.batch
            self._states[action] = loader.save(batches * int(options[0]) // 100)

    def run(self, action: str) -> PassResult:
        """See `bench.peer.Peer`."""
        task, *options = action.split()
        if task == "idle":
            return PassResult(0)
        if task == "write":
            self.write()
            return PassResult(self.workload.rows)
        loader = self._loader(options[-1])
        if task == RESUME:
            iterator = loader.resume(self._states[action])
            rows = len(next(iterator, {LABEL: ()})[LABEL])
            return PassResult(rows, lambda: loader.close(iterator) or {})
        batches = loader.epoch(self._epoch)
        self._epoch += 1
        if task == "check":
            found = summarize(batches)
            return PassResult(int(found.get("rows", self.workload.rows)), lambda: found)
        rows = sum(len(batch.get(LABEL, ())) for batch in batches)
        return PassResult(rows or self.workload.rows)  # tokens that are packed have no labels
