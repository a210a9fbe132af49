"""The verdict of a profile: which part limits the rate, why, and the change that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.profiling.costs import Cost
from headrace.data.profiling.probe import FunctionTraits
from headrace.data.profiling.source_kind import Cause, SourceKind
from headrace.data.stages import Batch, Cache, CacheFile, Map, Prefetch, Shuffle
from headrace.data.user_function import function_name

__all__ = ["Circumstances", "Verdict", "has_ragged_columns", "judge"]

_HELD = 0.75  # share of time with the GIL from which threads do not help
_OVERHEAD = 0.6  # share of a call that does not depend on the rows, from which larger batches help
_WAITING = 0.5  # share of waiting from which a part is not limited by the CPU
_NOTABLE = 0.2  # share of the time from which a second change is worth its line


@dataclass(frozen=True)
class Verdict:
    """What limits the rate of a pipeline.

    Attributes:
        part: The part, as the table of the profile names it.
        cause: The cause, by its name; see `headrace.data.profiling.source_kind.Cause`.
        share: The part's share of the time, 0 to 1.
        why: The cause in a sentence.
        change: The change that helps; empty if none does.
        also: Further changes.
    """

    part: str
    cause: str
    share: float
    why: str
    change: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = f"{self.why}: {self.change}" if self.change else self.why
        return "\n".join([first, *(f"also: {each}" for each in self.also)])


@dataclass(frozen=True)
class Circumstances:
    """What a verdict depends on beside the costs.

    Attributes:
        source: What the source reads.
        traits: How the function of the slowest part behaves, if it is a map.
        stages: The stages that the rows pass.
        is_ragged: Whether the rows that are shuffled have columns of lists, strings or bytes.
        cpus: The available CPUs.
    """

    source: SourceKind
    traits: FunctionTraits | None
    stages: Sequence[Stage]
    is_ragged: bool
    cpus: int


def judge(slowest: Cost, part: str, costs: Sequence[Cost], about: Circumstances) -> Verdict:
    """Say why the slowest part is slow, and what helps.

    Args:
        slowest: The part that limits the rate.
        part: Its name in the table.
        costs: All parts.
        about: What else the verdict depends on.
    """
    total = sum(cost.work for cost in costs) or 1.0
    share = slowest.work / total
    cause, reason, change = _explain(slowest, about)
    why = f"{_subject(slowest, part)} {share:.0%} of the time{reason}"
    model = next((cost for cost in costs if cost.kind == "model"), None)
    also: list[str] = []
    if model is not None and not any(isinstance(stage, Prefetch) for stage in about.stages):
        less = min(model.work, total - model.work) / total
        if less >= _NOTABLE and about.cpus > 1:
            also.append(f"prefetch() as the last stage: input and model now take turns ({less:.0%} to win)")
    return Verdict(part, cause, share, why, change, tuple(also))


def _subject(cost: Cost, part: str) -> str:
    if cost.kind == "model":
        return "the model takes"
    if isinstance(cost.stage, Map):
        return f"{function_name(cost.stage.function)} is"
    return f"{part} is"


def _explain(cost: Cost, about: Circumstances) -> tuple[Cause, str, str]:
    """Return the cause, its words behind the share, and the change."""
    if cost.kind == "model":
        return "model", ", more than its input: no change to the input helps", ""
    if cost.kind == "tensors":
        return "tensors", "", "convert fewer columns (select), and larger batches at a time"
    if cost.kind == "source":
        return _explain_source(cost, about)
    if isinstance(cost.stage, Map):
        return _explain_map(cost, cost.stage, about)
    if cost.kind == "order" or isinstance(cost.stage, Shuffle):
        what = "ragged rows" if about.is_ragged else "rows"
        change = (
            "shuffle before the columns grow, select() what the model reads, or write the shuffled rows once"
        )
        return "shuffle", f": it gathers {what} one by one", change
    if isinstance(cost.stage, Batch):
        return "copying", ": it copies rows into new batches", "batch once, by a divisor of the input batches"
    return "copying", "", "compute it once: cache() behind it, or ds.write(...)"


def _explain_source(cost: Cost, about: Circumstances) -> tuple[Cause, str, str]:
    if cost.waited > _WAITING * cost.work:
        where = "a local disk" if about.source.is_file else "memory (cache())"
        change = f"copy the data to {where}, or prefetch() if the model has time to overlap"
        return "storage", f", {cost.waited / cost.work:.0%} of that waiting for a disk or a network", change
    return about.source.cause, about.source.reason, about.source.change


def _explain_map(cost: Cost, stage: Map, about: Circumstances) -> tuple[Cause, str, str]:
    name, traits = function_name(stage.function), about.traits
    if cost.waited > _WAITING * cost.work:
        threads = max(4, 2 * stage.workers)
        return (
            "waiting",
            f", {cost.waited / cost.work:.0%} of that waiting",
            f"map({name}, threads={threads})",
        )
    if traits is not None and traits.overhead > _OVERHEAD:
        rows = cost.rows / max(cost.calls, 1)
        reason = f", {traits.overhead:.0%} of that for calls on {rows:.0f} rows each, whatever they hold"
        return "small batches", reason, "map before batch(), or batch(1024) in front of the map"
    workers = min(4, about.cpus)
    later = any(isinstance(each, Cache | CacheFile) for each in about.stages)
    keep = "write its output once: ds.write(...)" if later else "cache() behind it, or ds.write(...) once"
    if traits is not None and traits.gil > _HELD:
        rows = ", a Python function per row" if traits.loops else ", and holds Python's lock (the GIL)"
        vectorize = "or compute whole columns (pyarrow.compute, NumPy, hr.transform)"
        if stage.processes >= workers or about.cpus == 1:
            return "python", rows, vectorize.removeprefix("or ")
        return "python", rows, f"map({name}, processes={workers}), {vectorize}"
    if about.cpus == 1 or (stage.workers >= about.cpus and not stage.processes):
        return "native", ", on all CPUs", keep
    if stage.threads == "auto":
        return "native", f", with threads={stage.workers} as measured: more do not help", keep
    return "native", ", on one thread", f"map({name}, threads={workers})"


def has_ragged_columns(schema: pa.Schema) -> bool:
    """Return whether rows of a schema differ in their sizes."""
    return any(
        pa.types.is_list(each.type)
        or pa.types.is_large_list(each.type)
        or pa.types.is_string(each.type)
        or pa.types.is_binary(each.type)
        or pa.types.is_large_string(each.type)
        or pa.types.is_large_binary(each.type)
        for each in schema
    )
