"""Divide the batches of a pipeline among workers."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.arguments import check_integer
from headrace.data.pipeline import Stage
from headrace.data.stages.sharding.every_nth_batch import EveryNthBatch
from headrace.data.stages.sharding.shard import Shard
from headrace.data.stages.sharding.shard_batches import ShardBatches
from headrace.errors import UsageError

__all__ = ["divide_batches"]


def divide_batches(stages: Sequence[Stage], index: int, count: int) -> tuple[Stage, ...]:
    """Return the stages of worker `index` of `count`, which together yield each row once.

    Worker i yields batches i, i + count, ... of the undivided pipeline if it cuts batches. Rows are divided
    as early as possible, so that a worker reads and computes only its share: in front of the last `batch`, or
    else after the last stage that is not `map`, `filter` or the like.

    Raises:
        UsageError: `index` is not in [0, count).
    """
    index, count = check_integer(index, "index"), check_integer(count, "workers", 1)
    if index >= count:
        raise UsageError(f"worker {index} of {count}", hint="number the workers from 0 to workers - 1")
    place = len(stages)
    while place and not _is_barrier(stages[place - 1]) and stages[place - 1].batch_rows is None:
        place -= 1
    last = stages[place - 1] if place else None
    if last is not None and last.batch_rows is not None:
        place -= 1
    size = _find_batch_rows(stages)
    shard: Stage
    if size is not None:
        shard = ShardBatches(index, count, size)
    elif last is None or _is_planned(last):
        shard = Shard(index, count)
    else:
        shard = EveryNthBatch(index, count)
    return (*stages[:place], shard, *stages[place:])


def _find_batch_rows(stages: Sequence[Stage]) -> int | None:
    """Return the rows per output batch; None if a stage after the last `batch` cuts other batches."""
    for stage in reversed(stages):
        if stage.batch_rows is not None:
            return stage.batch_rows
        if _is_barrier(stage) and not _is_planned(stage):
            return None
    return None


def _is_barrier(stage: Stage) -> bool:
    return stage.row_effect == "other" or stage.sees_all


def _is_planned(stage: Stage) -> bool:
    return type(stage).plan is not Stage.plan
