"""The lines of a profile and its verdict, from the costs that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.planner import Plan
from headrace.data.profiling.costs import Cost, find_bottleneck
from headrace.data.profiling.meters import Recorder
from headrace.data.profiling.probe import FunctionTraits, probe_function
from headrace.data.profiling.source_kind import describe_source, find_source_kind
from headrace.data.profiling.stage_profile import StageProfile
from headrace.data.profiling.taps import describe_stage
from headrace.data.profiling.verdict import Circumstances, Verdict, has_ragged_columns, judge
from headrace.data.stages import Map, Prefetch

__all__ = ["summarize"]

_LIKELY = 0.5  # share of the slowest part from which another one may be slower, if the GIL serialises it


def summarize(
    plan: Plan,
    costs: Sequence[Cost],
    samples: Mapping[str, Sequence[pa.RecordBatch]],
    watched: Recorder,
    cpus: int,
) -> tuple[tuple[StageProfile, ...], Verdict]:
    """Make the lines of the table, and the verdict.

    Args:
        plan: The plan.
        costs: The costs of its parts, of a pass in one thread if there was one.
        samples: Some input batches of functions, by the name of the stage.
        watched: What was measured in the pipeline as it is.
        cpus: The available CPUs.
    """
    traits = _limit_parallelism(costs, samples)
    slowest = find_bottleneck(costs, cpus)
    names = {id(cost): _describe(plan, cost) for cost in costs}
    if slowest.name not in traits:
        traits[slowest.name] = _probe(slowest, samples)
    about = Circumstances(
        source=find_source_kind(plan.source),
        traits=traits[slowest.name],
        stages=plan.stages,
        is_ragged=has_ragged_columns(plan.source.schema),
        cpus=cpus,
    )
    verdict = judge(slowest, names[id(slowest)], costs, about)
    total = sum(cost.work for cost in costs) or 1.0
    lines = tuple(
        StageProfile(
            name=names[id(cost)],
            rows=cost.rows,
            bytes=cost.bytes,
            batches=cost.calls,
            seconds=cost.work,
            cpu_seconds=cost.cpu,
            share=cost.work / total,
            threads=max(1, round(cost.parallel)),
            queue_fill=_find_fill(cost.stage, watched, cost.name),
        )
        for cost in costs
    )
    return lines, verdict


def _describe(plan: Plan, cost: Cost) -> str:
    if cost.kind == "source":
        return describe_source(plan.source)
    if cost.kind == "order":
        return " | ".join(describe_stage(stage) for stage in plan.planned)
    return cost.name if cost.stage is None else describe_stage(cost.stage)


def _probe(cost: Cost, samples: Mapping[str, Sequence[pa.RecordBatch]]) -> FunctionTraits | None:
    if not isinstance(cost.stage, Map):
        return None
    return probe_function(cost.stage.function, samples.get(cost.name, ()))


def _limit_parallelism(
    costs: Sequence[Cost], samples: Mapping[str, Sequence[pa.RecordBatch]]
) -> dict[str, FunctionTraits | None]:
    """Take the threads from maps whose function holds the GIL: only one of them runs at a time."""
    found: dict[str, FunctionTraits | None] = {}
    most = max(cost.work for cost in costs)
    for cost in costs:
        if (
            isinstance(cost.stage, Map)
            and cost.stage.workers > 1
            and not cost.stage.processes
            and cost.work > _LIKELY * most
        ):
            traits = found[cost.name] = _probe(cost, samples)
            if traits is not None:
                cost.parallel = 1 + (cost.parallel - 1) * (1 - traits.gil)
    return found


def _find_fill(stage: Stage | None, watched: Recorder, name: str) -> float | None:
    """Return how full a queue was on average when a batch was requested."""
    if not isinstance(stage, Prefetch):
        return None
    fills = [min(max(batches, 0), 1 << 20) for _, batches in watched.fills.get(name, [])]
    if not fills:
        return None
    limit = max(max(fills), 2) if stage.batches == "auto" else stage.batches
    return min(1.0, fmean(fills) / limit)
