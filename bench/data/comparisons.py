"""The comparisons, their contenders, and the target speedups."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMPARISONS", "RANKED", "RESUMED", "Comparison", "Contender"]


@dataclass(frozen=True)
class Contender:
    """A library, in one of the ways it loads the workload.

    Attributes:
        peer: The library; see `bench.data.peers`.
        variant: The way.
        target: Target speedup of Headrace over it, in CPU seconds and in wall time; None for no target.
        against: The variant of Headrace that it is compared with; "" for Headrace itself.
    """

    peer: str
    variant: str
    target: float | None = None
    against: str = ""


@dataclass(frozen=True)
class Comparison:
    """One workload, and who loads it.

    Attributes:
        title: Description of the workload.
        workload: The workload's name.
        contenders: Headrace's variants first.
        memory: Most megabytes that Headrace's first variant may hold beyond those of the idle process.
        cells: Most elements per token, of padded or packed tokens.
    """

    title: str
    workload: str
    contenders: tuple[Contender, ...]
    memory: float | None = None
    cells: float | None = None


_C = Contender
COMPARISONS = {
    "images": Comparison(
        "60,000 images of 28x28, shuffled, batches of 64, to tensors",
        "images",
        (
            _C("headrace", "records"),
            _C("headrace", "cached"),
            _C("headrace", "map-style"),
            _C("headrace", "2-workers"),
            _C("tensorflow", "vectorised", 15, "records"),
            _C("tensorflow", "per-row", None, "records"),
            _C("tensorflow", "cached", 4, "records"),
            _C("tensorflow", "gather", None, "cached"),
            _C("torch", "getitem", 6, "records"),
            _C("torch", "2-workers", None, "records"),
            _C("torch", "getitems", 1, "cached"),
            _C("webdataset", "tar", None, "records"),
            _C("grain", "array-record", None, "records"),
            _C("grain", "memory", None, "cached"),
            _C("huggingface", "arrow", None, "records"),
            _C("huggingface", "iterable", None, "records"),
            _C("litdata", "chunks", None, "records"),
        ),
        memory=60,
    ),
    "text": Comparison(
        "25,000 token lists as long as IMDB's, in length buckets, padded batches of 64",
        "text",
        (
            _C("headrace", "buckets"),
            _C("headrace", "memory"),
            _C("tensorflow", "buckets", 8, "buckets"),
            _C("tensorflow", "vectorised", None, "buckets"),
            _C("torch", "getitem", 4, "memory"),
            _C("torch", "getitems", None, "memory"),
        ),
        cells=1.15,
    ),
    "packed": Comparison(
        "the same, packed into rows of 4,096 tokens, batches of 4",
        "text",
        (
            _C("headrace", "packed"),
            _C("grain", "packed", None, "packed"),
            _C("grain", "concatenated", None, "packed"),
        ),
        cells=1.02,
    ),
    "table": Comparison(
        "100,000 rows of 50 float columns, shuffled, batches of 1,024, to tensors",
        "table",
        (
            _C("headrace", "parquet"),
            _C("tensorflow", "slices", None, "parquet"),
            _C("tensorflow", "gather", None, "parquet"),
            _C("torch", "getitem", None, "parquet"),
            _C("torch", "getitems", None, "parquet"),
            _C("torch", "matrix", None, "parquet"),
            _C("grain", "memory", None, "parquet"),
            _C("huggingface", "iterable", None, "parquet"),
            _C("litdata", "chunks", None, "parquet"),
        ),
    ),
    "photos": Comparison(
        "10,000 JPEG files in folders, shuffled, batches of 64, encoded",
        "photos",
        (
            _C("headrace", "folder"),
            _C("tensorflow", "folder", None, "folder"),
            _C("torch", "getitem", None, "folder"),
            _C("torch", "2-workers", None, "folder"),
            _C("webdataset", "tar", None, "folder"),
            _C("grain", "folder", None, "folder"),
            _C("huggingface", "iterable", None, "folder"),
            _C("litdata", "chunks", None, "folder"),
        ),
    ),
    "payloads": Comparison(
        "5,120 rows of 150 kB, a shuffle window of 1,024 rows, batches of 32",
        "payloads",
        (
            _C("headrace", "window"),
            _C("tensorflow", "window", None, "window"),
            _C("webdataset", "window", None, "window"),
            _C("grain", "window", None, "window"),
            _C("huggingface", "window", None, "window"),
        ),
        memory=180,
    ),
}
RESUMED = (
    _C("headrace", "records"),
    _C("grain", "array-record"),
    _C("grain", "memory"),
    _C("torch", "stateful"),
    _C("huggingface", "iterable"),
    _C("litdata", "chunks"),
)  # of the workload images
RANKED = {
    "images": {
        "headrace": "records",
        "tensorflow": "vectorised",
        "torch": "getitems",
        "grain": "array-record",
        "huggingface": "arrow",
    },  # which Headrace keeps in memory, as they are few
    "payloads": {"headrace": "window", "tensorflow": "window", "grain": "window"},
}  # by workload, the variant that reads all rows; `rank` reads an eighth
