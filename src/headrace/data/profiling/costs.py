"""What the parts of a plan cost: the own work of each, and the time that it adds to an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import process_time
from typing import Literal

import numpy as np

from headrace.data.pipeline import Stage
from headrace.data.plan import RowReader
from headrace.data.planner import Plan
from headrace.data.profiling.meters import MODEL, TENSORS, Meter, Recorder
from headrace.data.profiling.source_kind import find_source_kind
from headrace.data.profiling.taps import SOURCE, name_stage, work_of
from headrace.data.stages import Map, Prefetch

__all__ = ["ORDER", "Cost", "Kind", "collect_costs", "find_bottleneck"]

Kind = Literal["source", "order", "stage", "queue", "tensors", "model"]
ORDER = "order"  # the meter of planned stages: what reading in their order adds

_PROBED_ROWS = 16_384
_COMPUTING = 0.3  # CPU time of threads inside a source, of the time waited, from which it waited for them
_NOTABLE = 0.2  # share of a part's time from which threads that compute for it count


@dataclass
class Cost:
    """What one part of a pipeline costs.

    Attributes:
        name: The name of its meter.
        kind: What it is.
        stage: The stage; None for the source, tensors and the model.
        cpu: CPU seconds, of all threads.
        waited: Seconds in which it waited for files or a network.
        parallel: The number of threads or processes that share its work.
        rows: Rows of its output.
        bytes: Bytes of its output.
        calls: Batches.
    """

    name: str
    kind: Kind
    stage: Stage | None
    cpu: float
    waited: float
    parallel: float = 1.0
    rows: int = 0
    bytes: int = 0
    calls: int = 0

    @property
    def work(self) -> float:
        """Seconds of its work on one thread."""
        return self.cpu + self.waited

    @property
    def seconds(self) -> float:
        """The time that it adds, if its threads have CPUs."""
        return self.work / self.parallel


def collect_costs(plan: Plan, recorder: Recorder, cpus: int, *, is_serial: bool) -> list[Cost]:
    """Collect the costs of a plan from what was measured.

    Args:
        plan: The plan.
        recorder: What was measured.
        cpus: The available CPUs.
        is_serial: Whether all of it ran in one thread, apart from the threads inside sources. Otherwise the
            time that a queue or a map in threads waits is that of its input.
    """
    costs = _collect_source(plan, recorder, cpus)
    for number, stage in enumerate(plan.stages, 1):
        name = name_stage(number, stage)
        own, work = _read_meter(recorder, name), _read_meter(recorder, work_of(name))
        is_queue = isinstance(stage, Prefetch)
        threads = stage.workers if isinstance(stage, Map) else 1
        hands_over = not is_serial and (is_queue or (threads > 1 and not _in_processes(stage)))
        costs.append(
            Cost(
                name,
                "queue" if is_queue else "stage",
                stage,
                own.cpu + work.cpu,
                work.waited + (0.0 if hands_over else own.waited),
                1.0 if _in_processes(stage) and not is_serial else min(threads, cpus),
                own.rows,
                own.bytes,
                own.calls,
            )
        )
    return [*costs, *_collect_consumers(recorder)]


def _collect_consumers(recorder: Recorder) -> list[Cost]:
    kinds: dict[str, Kind] = {TENSORS: "tensors", MODEL: "model"}
    return [
        Cost(name, kind, None, meter.cpu, meter.waited, 1.0, meter.rows, meter.bytes, meter.calls)
        for name, kind in kinds.items()
        if name in recorder.meters
        for meter in [_read_meter(recorder, name)]
    ]


def _read_meter(recorder: Recorder, name: str) -> Meter:
    """Return a meter in which waiting for threads that compute counts as their CPU time."""
    meter = recorder.meters.get(name, Meter())
    computed = min(meter.waited, meter.others)
    # On a busy machine these threads wait for a CPU, too: that is not time of a disk.
    is_disk = meter.others < _NOTABLE * meter.waited
    return replace(meter, cpu=meter.cpu + computed, waited=meter.waited - computed if is_disk else 0.0)


def _in_processes(stage: Stage) -> bool:
    return isinstance(stage, Map) and stage.processes > 0


def _collect_source(plan: Plan, recorder: Recorder, cpus: int) -> list[Cost]:
    """Collect the costs of the source, and what reading in a planned order adds to them."""
    own, work = recorder.meters.get(SOURCE, Meter()), _read_meter(recorder, work_of(SOURCE))
    threads_cpu = sum(cpu for cpu, _ in recorder.hidden.values())
    hidden_cpu = max(own.others, threads_cpu)
    hidden_queued = sum(queued for _, queued in recorder.hidden.values())
    waited = max(0.0, own.waited - max(hidden_queued, own.queued))
    if hidden_cpu > _COMPUTING * waited:  # it waited for these threads, not for a disk
        waited = min(waited, hidden_cpu)
    source = Cost(
        SOURCE,
        "source",
        None,
        own.cpu + work.cpu + hidden_cpu,
        work.waited + max(0.0, waited - hidden_cpu),
        rows=own.rows,
        bytes=own.bytes,
        calls=own.calls,
    )
    if plan.reader is not None and not plan.reader.in_memory and plan.order is not None:
        source.parallel = float(cpus) if plan.order.start is None else 1.0
    if threads_cpu > _NOTABLE * source.work:  # they read ahead, while other stages work
        source.parallel = 1.0 if find_source_kind(plan.source).cause == "compression" else float(cpus)
    if plan.reader is None or plan.order is None or plan.order.start is not None or not own.rows:
        return [source]
    in_order = _read_in_order(plan.reader, own.rows, max(1, own.rows // max(own.calls, 1)))
    extra = max(0.0, work.cpu + work.waited - in_order)
    share = extra / max(work.cpu + work.waited, 1e-9)
    order = Cost(
        ORDER,
        "order",
        next((stage for stage in plan.planned if stage.reorders), plan.planned[-1]),
        work.cpu * share,
        work.waited * share,
        source.parallel,
        own.rows,
        own.bytes,
        own.calls,
    )
    source.cpu -= order.cpu
    source.waited = max(0.0, source.waited - order.waited)
    return [source, order]


def _read_in_order(reader: RowReader, rows: int, chunk: int) -> float:
    """Measure the seconds of reading `rows` rows in the order of the source, `chunk` at a time."""
    probed = min(rows, reader.num_rows, _PROBED_ROWS)
    before, done = process_time(), 0
    if reader.in_memory:
        for batch in reader.scan(0):
            done += batch.num_rows
            if done >= probed:
                break
    else:
        for start in range(0, probed, chunk):
            done += reader.take(np.arange(start, min(start + chunk, probed))).num_rows
    return (process_time() - before) * rows / max(done, 1)


def find_bottleneck(costs: Sequence[Cost], cpus: int) -> Cost:
    """Find the part that limits the rate: the slowest of the slowest segment.

    Queues cut a pipeline into segments that run at the same time, as far as there are CPUs.
    """
    segments: list[list[Cost]] = [[]]
    for cost in costs:
        if cost.kind == "queue" and cpus > 1:
            segments.append([])
        segments[-1].append(cost)
    slowest = max(segments, key=lambda segment: sum(cost.seconds for cost in segment))
    return max(slowest, key=lambda cost: cost.seconds)
