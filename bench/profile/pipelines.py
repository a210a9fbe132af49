"""Draw a pipeline whose bottleneck is known, and build it with or without one of its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.profile.functions import DECODE, NATIVE, PER_CALL, PYTHON, Function, Template, make
from bench.profile.sources import BINARY, CAUSES, DISK_ROWS, PARALLEL, SlowDisk, make_rows, open_source

__all__ = ["TARGETS", "Part", "Pipeline", "draw"]

# What is made slow; a source, a kind of function, an order, or the model.
TARGETS = (
    "gzip", "csv", "json", "generator", "images", "disk", "shuffle", "model",
    "python", "python", "native", "decode", "small batches",
)  # fmt: skip
_ROWS = {
    "csv": 20_000, "json": 8_000, "generator": 10_000, "images": 1_500, "disk": 5_000, "gzip": 6_000,
    "records": 6_000, "ragged": 20_000, "batches": 20_000, "arrays": 10_000,
}  # fmt: skip
_SOURCES = {
    "decode": ["images"],
    "shuffle": ["ragged", "batches"],
    "small batches": ["arrays", "records", "csv"],
    "model": ["arrays", "records", "csv", "gzip", "generator", "disk"],
    "python": ["arrays", "records", "csv", "gzip", "generator", "disk", "images"],
    "native": ["arrays", "records", "csv", "gzip", "generator", "disk"],
}
_FACTORS = (1.8, 4.0)  # how much more than any other part the slow one is made to cost
_LEAST = 5e-6  # seconds per row of a slow part

Build = Callable[[hr.Dataset], hr.Dataset]


@dataclass(frozen=True)
class Part:
    """A part of a pipeline.

    Attributes:
        name: The part, as a verdict names it: "source", "shuffle", "map(NAME)", "model".
        cause: The cause that a verdict names, if the part is the bottleneck; "" of a part that cannot be.
        build: Appends the part to a dataset.
        fast: What takes its place where the part is removed; None is nothing.
        workers: Threads that share its work.
    """

    name: str
    cause: str = ""
    build: Build = lambda ds: ds
    fast: Build | None = None
    workers: int = 1


@dataclass
class Pipeline:
    """A source, parts and perhaps a model, of which one is slow.

    Attributes:
        source: The source.
        table: The rows of the source, to read instead of it.
        parts: All parts in order, the source first, and the model last if there is one.
        model: What is done with a batch of tensors.
        target: The name of the slow part.
    """

    source: hr.Dataset
    table: pa.Table
    parts: list[Part]
    target: str = ""
    model: Callable[[Any], Any] | None = None

    def build(self, without: str = "") -> tuple[hr.Dataset, Callable[[Any], Any] | None]:
        """Build the dataset and the model, without the part of a name."""
        ds = hr.Dataset.from_arrow(self.table) if without == "source" else self.source
        for part in self.parts:
            if part.name != without:
                ds = part.build(ds)
            elif part.fast is not None:
                ds = part.fast(ds)
        return ds, None if without == "model" else self.model

    @property
    def waited(self) -> float:
        """Seconds that the slow disk has waited so far."""
        source = self.source.source
        return source.waited if isinstance(source, SlowDisk) else 0.0

    def __str__(self) -> str:
        source = type(self.source.source).__name__
        return f"{source} | {self.build()[0].spec}{' -> model' if self.model is not None else ''}"


def draw(rng: np.random.Generator, target: str, folder: Path) -> Pipeline:
    """Draw a pipeline in which `target`, one of TARGETS, costs most; files are written into a folder."""
    kind = target if target in CAUSES else str(rng.choice(_SOURCES[target]))
    latency = float(rng.uniform(0.008, 0.015)) if target == "disk" else 2e-4
    table = make_rows(kind, rng, _ROWS[kind])
    source = open_source(kind, table, folder, latency)
    table = pa.Table.from_batches(list(source))
    workers = 2 if kind in PARALLEL else 1
    pipeline = Pipeline(source, table, [Part("source", CAUSES[kind], workers=workers)])
    cost = _measure(source, table.num_rows) + (latency / DISK_ROWS if kind == "disk" else 0.0)
    _Drawing(rng, pipeline, kind, target, cost / workers if target == kind else cost).add_parts()
    return pipeline


def _measure(source: hr.Dataset, rows: int) -> float:
    """Measure CPU seconds per row: the least of three passes."""
    return min(_time(lambda: [None for _ in source]) for _ in range(3)) / rows


def _time(run: Callable[[], object]) -> float:
    before = process_time()
    run()
    return process_time() - before


@dataclass
class _Drawing:
    """Adds parts whose costs are chosen so that the slow one costs most.

    Attributes:
        rng: Draws.
        pipeline: Receives the parts.
        kind: The kind of the source.
        target: What is slow.
        source_cost: Seconds per row of the source.
        used: Templates of the functions so far: each occurs once.
    """

    rng: np.random.Generator
    pipeline: Pipeline
    kind: str
    target: str
    source_cost: float
    used: list[Template] = field(default_factory=list[Template])

    def add_parts(self) -> None:
        rng, parts, target = self.rng, self.pipeline.parts, self.target
        factor = float(rng.uniform(*_FACTORS))
        is_source = target == self.kind
        most = self.source_cost / factor if is_source else max(self.source_cost, _LEAST)
        if target == "shuffle":
            most = 0.0
        slow = most * factor
        if self._can_shuffle():
            seed, window = int(rng.integers(100)), 2048 if self.kind == "batches" else None
            parts.append(Part("shuffle", "shuffle", lambda ds: ds.shuffle(seed, window)))
        size = int(rng.choice([1, 2, 4, 8] if target == "small batches" else [128, 256, 512]))
        maps = [self._draw_map(str(rng.choice(["python", "native"])), most) for _ in range(rng.integers(3))]
        maps = [each for each in maps if most]
        if target in ("python", "native", "decode"):
            part = self._draw_map(target, slow, exact=True)
            maps.insert(int(rng.integers(len(maps) + 1)), part)
            self.pipeline.target = part.name
        place = len(maps) if target == "small batches" else int(rng.integers(len(maps) + 1))
        parts += [*maps[:place], Part("batch", build=lambda ds: ds.batch(size)), *maps[place:]]
        if target == "small batches":
            parts.append(self._draw_call(slow, size))
            self.pipeline.target = parts[-1].name
        if self.kind in BINARY:
            parts.append(Part("drop", build=lambda ds: ds.drop(BINARY[self.kind])))
        if rng.random() < 0.6:
            parts.append(Part("prefetch", build=lambda ds: ds.prefetch()))
        if is_source or target == "shuffle":
            self.pipeline.target = "source" if is_source else "shuffle"
        if target == "model":
            self._add_model(factor * (self.source_cost + most * (1 + len(maps))))
            self.pipeline.target = "model"
        elif most and self.kind != "images" and rng.random() < 0.5:
            self._add_model(most * float(rng.uniform(0.1, 0.9)))

    def _can_shuffle(self) -> bool:
        can = self.kind in ("arrays", "records", "csv", "images")
        return self.target == "shuffle" or (can and bool(self.rng.random() < 0.5))

    def _draw_map(self, kind: str, cost: float, *, exact: bool = False) -> Part:
        """Draw a function of a kind and its number of rounds."""
        kinds = {"python": PYTHON, "native": NATIVE, "decode": DECODE}[kind]
        template = self._choose([each for each in kinds if each not in self.used])
        seconds = cost if exact else cost * float(self.rng.uniform(0.1, 0.9))
        function = _set_cost(template, self._sample(512), 512 * seconds)
        threads = 2 if kind == "native" and not exact and self.rng.random() < 0.5 else 1
        name = f"map({function.__qualname__})"
        cause = "python" if kind == "python" else "native"
        return Part(name, cause, lambda ds: ds.map(function, threads=threads), workers=threads)

    def _draw_call(self, cost: float, size: int) -> Part:
        """Draw a function whose calls cost the same for any number of rows; larger batches are faster."""
        function = _set_cost(self._choose(PER_CALL), self._sample(size), size * cost)
        name = f"map({function.__qualname__})"
        return Part(
            name,
            "small batches",
            lambda ds: ds.map(function),
            lambda ds: hr.Dataset(ds.source, ds.stages[:-1]).batch(2048).map(function).batch(size),
        )

    def _choose(self, templates: Any) -> Template:
        template = templates[int(self.rng.integers(len(templates)))]
        self.used.append(template)
        return template

    def _sample(self, rows: int) -> pa.RecordBatch:
        return self.pipeline.table.slice(0, rows).combine_chunks().to_batches()[0]

    def _add_model(self, cost: float) -> None:
        def rounds_of(rounds: int) -> Callable[[int], None]:
            def compute(rows: int) -> None:
                values = np.full((rows, 16), 0.5)
                for _ in range(rounds):
                    values = np.tanh(values)

            return compute

        unit = min(_time(lambda: rounds_of(20)(512)) for _ in range(3)) / 20 / 512
        compute = rounds_of(max(1, round(cost / unit)))

        def train(tensors: dict[str, Any]) -> None:
            first = next(iter(tensors.values()))
            compute(len(first) if hasattr(first, "__len__") else first.row_splits.shape[0] - 1)

        self.pipeline.model = train
        self.pipeline.parts.append(Part("model", "model"))


def _set_cost(template: Template, batch: pa.RecordBatch, seconds: float) -> Function:
    """Choose the rounds of a function for CPU seconds per call on a batch."""

    def measure(rounds: int) -> float:
        function = make(template, rounds)
        return min(_time(lambda: function(batch)) for _ in range(5))

    few, many = measure(1), measure(9)
    slope = max((many - few) / 8, 1e-8)
    return make(template, 1 + max(0, round((seconds - few) / slope)))
