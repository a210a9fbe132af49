"""PyTorch: DataLoader over arrays in memory or files, and torchdata's StatefulDataLoader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, DistributedSampler, Sampler
from torchdata.stateful_dataloader import StatefulDataLoader

from bench.data.loader_peer import Batch, Loader, LoaderPeer
from bench.data.workloads import LABEL, TABLE_COLUMNS, TOKENS

_RANKS, _POOL = 8, 50


class _Rows(Dataset[Batch]):
    """Tensors in memory, row by row; DataLoader collates the rows."""

    def __init__(self, columns: Mapping[str, torch.Tensor]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[LABEL])

    def __getitem__(self, row: int) -> Batch:
        return {name: column[row] for name, column in self.columns.items()}


class _Batches(_Rows):
    """Tensors in memory, which DataLoader reads a batch at a time."""

    def __getitems__(self, rows: list[int]) -> Batch:
        numbers = torch.tensor(rows)
        return {name: column[numbers] for name, column in self.columns.items()}


class _Texts(Dataset[Any]):
    """Token ids in memory, row by row; DataLoader pads them to the longest row of a batch."""

    def __init__(self, tokens: list[torch.Tensor], labels: torch.Tensor) -> None:
        self.tokens = tokens
        self.labels = labels

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.tokens[row], self.labels[row]


class _TextBatches(_Texts):
    """Token ids in memory, which DataLoader reads a batch at a time, padded to the longest row."""

    def __getitems__(self, rows: list[int]) -> Batch:
        tokens = pad_sequence([self.tokens[row] for row in rows], batch_first=True)
        return {TOKENS: tokens, LABEL: self.labels[torch.tensor(rows)]}


def _collate_texts(rows: list[tuple[torch.Tensor, torch.Tensor]]) -> Batch:
    tokens, labels = zip(*rows, strict=True)
    return {TOKENS: pad_sequence(tokens, batch_first=True), LABEL: torch.stack(labels)}


class _Buckets(Sampler[list[int]]):
    """Batches of rows of similar length: pools of shuffled rows, sorted by length, and shuffled batches."""

    def __init__(self, lengths: torch.Tensor, batch: int) -> None:
        self.lengths = lengths
        self.batch = batch

    def __iter__(self) -> Iterator[list[int]]:
        pools = torch.randperm(len(self.lengths)).split(self.batch * _POOL)
        batches = [
            rows.tolist() for pool in pools for rows in pool[self.lengths[pool].argsort()].split(self.batch)
        ]
        return (batches[number] for number in torch.randperm(len(batches)).tolist())


class _Photos(Dataset[tuple[bytes, int]]):
    """Encoded photos, read from their files."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        self.labels = [int(path.split("/")[-2]) for path in paths]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[bytes, int]:
        return Path(self.paths[row]).read_bytes(), self.labels[row]


def _collate_photos(rows: list[tuple[bytes, int]]) -> Batch:
    return {"image": [image for image, _ in rows], LABEL: torch.tensor([label for _, label in rows])}


def _identity(batch: Batch) -> Batch:
    return batch


class _StatefulLoader(Loader):
    """The state belongs to the loader, not to its iterators."""

    def __init__(self, open_loader: Callable[[], StatefulDataLoader]) -> None:
        self._open_loader = open_loader
        super().__init__(lambda number: iter(open_loader()))  # noqa: ARG005

    def save(self, batches: int) -> Any:
        loader = self._open_loader()
        iterator = iter(loader)
        for _ in range(batches):
            next(iterator)
        return loader.state_dict()

    def resume(self, state: Any) -> Iterator[Batch]:
        loader = self._open_loader()
        loader.load_state_dict(state)
        return iter(loader)


class Torch(LoaderPeer):
    loaders: ClassVar[Mapping[str, Callable[[Any], Loader]]] = {
        "images getitem": lambda peer: peer.rows(_Rows(peer.memory())),
        "images 2-workers": lambda peer: peer.rows(_Rows(peer.memory()), workers=2),
        "images getitems": lambda peer: peer.rows(_Batches(peer.memory()), collate_fn=_identity),
        "images stateful": lambda peer: peer.stateful(_Batches(peer.memory()), collate_fn=_identity),
        "images rank": lambda peer: peer.rank(),
        "text getitem": lambda peer: peer.buckets(_Texts, _collate_texts),
        "text getitems": lambda peer: peer.buckets(_TextBatches, _identity),
        "table getitem": lambda peer: peer.rows(_Rows(peer.table())),
        "table getitems": lambda peer: peer.rows(_Batches(peer.table()), collate_fn=_identity),
        "table matrix": lambda peer: peer.rows(_Batches(peer.matrix()), collate_fn=_identity),
        "photos getitem": lambda peer: peer.photos(workers=0),
        "photos 2-workers": lambda peer: peer.photos(workers=2),
    }

    def memory(self) -> dict[str, torch.Tensor]:
        return {name: torch.from_numpy(column) for name, column in self.workload.columns().items()}

    def table(self) -> dict[str, torch.Tensor]:
        table = pq.read_table(self.files("*.parquet"))
        return {name: torch.from_numpy(table[name].to_numpy().copy()) for name in [*TABLE_COLUMNS, LABEL]}

    def matrix(self) -> dict[str, torch.Tensor]:
        """One tensor for all columns, which is gathered by one call."""
        columns = self.table()
        return {"x": torch.stack([columns[name] for name in TABLE_COLUMNS], 1), LABEL: columns[LABEL]}

    def rows(self, dataset: Dataset[Any], workers: int = 0, **options: Any) -> Loader:
        loader = DataLoader(
            dataset,
            self.workload.batch,
            shuffle="sampler" not in options,
            num_workers=workers,
            persistent_workers=workers > 0,
            **options,
        )
        return Loader(lambda number: iter(loader))  # noqa: ARG005

    def stateful(self, dataset: Dataset[Any], **options: Any) -> Loader:
        return _StatefulLoader(
            lambda: StatefulDataLoader(dataset, self.workload.batch, shuffle=True, **options)
        )

    def rank(self) -> Loader:
        dataset = _Batches(self.memory())
        sampler = DistributedSampler(dataset, _RANKS, rank=0)
        return self.rows(dataset, sampler=sampler, collate_fn=_identity)

    def buckets(self, rows: type[_Texts], collate: Callable[..., Batch]) -> Loader:
        columns = self.workload.columns()
        dataset = rows([torch.from_numpy(row) for row in columns["tokens"]], torch.from_numpy(columns[LABEL]))
        lengths = torch.tensor([len(row) for row in columns["tokens"]])
        sampler = _Buckets(lengths, self.workload.batch)
        loader = DataLoader(dataset, batch_sampler=sampler, collate_fn=collate)
        return Loader(lambda number: iter(loader))  # noqa: ARG005

    def photos(self, workers: int) -> Loader:
        return self.rows(_Photos(self.files("photos/*/*.jpg")), workers, collate_fn=_collate_photos)


torch.set_num_threads(1)  # to gather a batch on two threads takes more time than on one
PEER = Torch
