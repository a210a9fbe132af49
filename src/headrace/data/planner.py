"""Turn a source and stages into a stream: what can be done to row numbers is done before rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.columns import empty_batch
from headrace.data.fingerprint import fingerprint, rows_cache_key, source_fingerprint
from headrace.data.iterator import PipelineIdentity
from headrace.data.pipeline import (
    Cursor,
    Prunable,
    Seekable,
    Selectable,
    Source,
    Stage,
    Steps,
    Streamed,
    Upstream,
)
from headrace.data.plan import AllRows, FileWatch, RowOrder, RowReader, batch_early
from headrace.data.read_rows import open_source, read_rows

__all__ = ["Pipeline", "Plan", "find_schema", "make_plan"]

_CHUNK_ROWS = 4096  # at most
_CHUNK_BYTES = 4 << 20  # at most, if several rows fit
_GATHERED_BYTES = 1 << 19  # at most, from memory: chunks that stay in the CPU's cache
_LARGER_CHUNK = 4  # times the rows that are taken at a time, if one batch needs them
_LONGEST_SPEC = 400  # characters in a state of at most 1 kB


@dataclass(frozen=True)
class Plan:
    """How a pipeline is executed.

    Attributes:
        source: Where the rows come from.
        reader: The rows of the source by number; None if they are read from the start.
        order: The order in which the reader's rows are read; None without a reader.
        planned: The stages that the order was made of.
        stages: The stages that the rows then pass.
    """

    source: Source
    reader: RowReader | None
    order: RowOrder | None
    planned: tuple[Stage, ...]
    stages: tuple[Stage, ...]

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the stream of an epoch at a cursor."""
        stages, count = self.stages, 0
        if self.reader is None or self.order is None:
            upstream = open_source(self.source)
        else:
            upstream = partial(read_rows, self.reader, self.order, self._choose_chunk(self.reader))
            opened = stages[0].open_rows(self.reader, self.order, *stages[1:2]) if stages else None
            upstream, count = opened or (upstream, 0)
        passed = [*self.planned, *stages[:count]]
        for stage in stages[count:]:
            upstream = _attach(stage, upstream, passed)
            passed.append(stage)
        return upstream(epoch, cursor)

    def describe(self) -> str:
        """Describe in a few lines how rows are read, ordered and resumed."""
        rows = "from the start" if self.reader is None else "by number"
        lines = [f"{type(self.source).__name__}: rows are read {rows}"]
        if self.order is not None and self.planned:
            done = " | ".join(stage.spec for stage in self.planned)
            lines.append(f"on row numbers: {done}; {self.order.describe()}")
        if self.stages:
            lines.append(f"on rows: {' | '.join(stage.summary for stage in self.stages)}")
        seeks = getattr(self.source, "can_seek_lines", isinstance(self.source, Seekable))
        is_exact = self.reader is not None or seeks
        lines.append("resume: " + ("reads only what is needed" if is_exact else "reads again from the start"))
        return "\n".join(lines)

    def _choose_chunk(self, reader: RowReader) -> int:
        """Choose the rows to read at a time: a multiple of the batch size where that is not too large."""
        most = _GATHERED_BYTES if reader.in_memory else _CHUNK_BYTES
        rows = max(1, min(_CHUNK_ROWS, int(most / max(reader.row_bytes, 1.0))))
        size = next((stage.batch_rows for stage in self.stages if stage.batch_rows), 1)
        if rows < size <= _LARGER_CHUNK * rows:  # a batch of several chunks would be copied again
            return size
        return rows - rows % size if rows >= size else rows


class Pipeline:
    """A source and stages, ready to be streamed; the plan is made when the first stream is opened.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them, in order.
    """

    def __init__(self, source: Source, stages: Sequence[Stage]) -> None:
        self.source = source
        self.stages = tuple(stages)

    @cached_property
    def plan(self) -> Plan:
        """How the pipeline is executed; making it may open the files, and fill a cache."""
        return make_plan(self.source, self.stages)

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the stream of an epoch at a cursor; a file that changes meanwhile is an error: `FileWatch`."""
        plan = self.prepare()
        return FileWatch.of(self.source).around(plan.stream(epoch, cursor), plan.reader, plan.order)

    def prepare(self) -> Plan:
        """Return the plan, and note what its functions are before their first use."""
        for stage in self.stages:
            _identify_once(stage)
        return self.plan

    def find_schema(self) -> pa.Schema:
        """Find the schema after the stages."""
        return find_schema(self.source, self.stages)

    def find_cache_key(self) -> str | None:
        """Find a digest that changes whenever the rows may have changed; see `rows_cache_key`."""
        return rows_cache_key(self.source, self.stages)

    def open_rows(self) -> tuple[RowReader, RowOrder] | None:
        """Open the rows by number, in their order; None if they cannot be read so, or pass other stages."""
        reader = self.source.open_rows() if isinstance(self.source, Seekable) else None
        if reader is None:
            return None
        order, _, kept = _fold(AllRows(reader), self.stages)
        return None if kept else (reader, order)

    def identify(self) -> PipelineIdentity:
        """Return what a saved position is valid for; it is computed once."""
        return self._identity

    @cached_property
    def _identity(self) -> PipelineIdentity:
        identities = [(stage.spec, _identify_once(stage)) for stage in self.stages]
        functions = [identity for spec, identity in identities if identity != spec]
        shards, specs = _share(self.stages)
        spec = " | ".join(spec for spec in specs if spec)
        source = source_fingerprint(self.source)
        FileWatch.of(self.source).check()
        return PipelineIdentity(
            pipeline=spec if len(spec) <= _LONGEST_SPEC else f"{spec[:_LONGEST_SPEC]}... {fingerprint(spec)}",
            functions=fingerprint(*functions) if functions else "",
            source=source,
            shards=shards,
        )

    def find_cursor(self, rows: int) -> Cursor | None:
        """Find the cursor after `rows` rows of any shard; None if it depends on the rows or on the shards."""
        plan = self.plan
        is_counted = plan.order is not None or not isinstance(plan.source, Streamed)
        if not is_counted or not all(_keeps_positions(stage) for stage in plan.stages):
            return None
        if plan.order is not None and plan.order.in_blocks and any(stage.shards for stage in self.stages):
            return None
        cursor: Cursor = rows
        for stage in plan.stages:
            cursor = stage.start_cursor(cursor)
        return cursor


def _identify_once(stage: Stage) -> str:
    """Return the identity that a stage had before it was first used.

    Objects that its function uses may change with use: a model that is loaded at the first call, a memo, a
    counter. In the process that resumes they are new again.
    """
    known: dict[str, str] = getattr(stage, "__dict__", {})
    if "_first_identity" not in known:
        known["_first_identity"] = stage.identity
    return known["_first_identity"]


def _share(stages: Sequence[Stage]) -> tuple[int, list[str]]:
    """Describe stages so that all shards of the same global batches are described equally."""
    places = [place for place, stage in enumerate(stages) if stage.shards]
    later = stages[places[0] + 1 :] if len(places) == 1 else ()
    if len(places) != 1 or not all(_keeps_positions(stage) for stage in later):
        return 1, [stage.spec for stage in stages]
    shards = stages[places[0]].shards
    specs = [stage.spec for stage in stages[: places[0]]]
    return shards, [*specs, "shard()", *(stage.describe_shared(shards) for stage in later)]


def _keeps_positions(stage: Stage) -> bool:
    """Return whether output rows are the input rows, up to a remainder at the end."""
    return stage.row_effect == "same" or stage.batch_rows is not None


def make_plan(source: Source, stages: Sequence[Stage]) -> Plan:
    """Fold the stages that choose or reorder rows into the order of the source's rows, where it can seek.

    A stage is moved in front of the stages before it if these do not change what it does.
    """
    for number in reversed(range(len(stages))):
        earlier, later = stages[:number], stages[number + 1 :]
        stored = stages[number].to_source(Pipeline(source, earlier), later)
        if stored is not None:
            return make_plan(stored, later)
    source = _prune(source, stages)
    reader = None
    if any(_is_planned(stage) for stage in stages) and isinstance(source, Seekable):
        reader = source.open_rows()
    if reader is None:
        return Plan(source, None, None, (), batch_early(stages))
    order, planned, kept = _fold(AllRows(reader), stages)
    return Plan(source, reader, order, planned, batch_early(kept))


def _fold(order: RowOrder, stages: Sequence[Stage]) -> tuple[RowOrder, tuple[Stage, ...], tuple[Stage, ...]]:
    """Fold stages into an order; return it, the folded stages and the others, both in order."""
    planned: list[Stage] = []
    kept: list[Stage] = []
    for stage in stages:
        only_repeats = all(each.repeats for each in kept)
        is_movable = only_repeats or all(each.row_effect in stage.moves_below for each in kept)
        moved = [*kept, stage] if only_repeats else [stage]
        changed = _plan_all(moved, order) if is_movable and not stage.repeats else None
        if changed is None:
            kept.append(stage)
            continue
        order = changed
        planned += moved
        left = stage.follow(order)
        kept = [*([] if only_repeats else kept), *([] if left is None else [left])]
    return order, tuple(planned), tuple(kept)


def _plan_all(stages: Sequence[Stage], order: RowOrder) -> RowOrder | None:
    for stage in stages:
        changed = stage.plan(order)
        if changed is None:
            return None
        order = changed
    return order


def _is_planned(stage: Stage) -> bool:
    return type(stage).plan is not Stage.plan


def _prune(source: Source, stages: Sequence[Stage]) -> Source:
    first = next((stage for stage in stages if not _is_planned(stage)), None)
    reads, keeps = (None, None) if first is None else (first.reads, first.keeps)
    if reads is not None and isinstance(source, Prunable):
        return source.prune_columns(reads)
    if keeps is not None and isinstance(source, Selectable) and set(keeps) <= set(source.schema.names):
        return source.select_columns(keeps)
    return source


def find_schema(source: Source, stages: Sequence[Stage]) -> pa.Schema:
    """Find the schema after the stages by passing one row through them, or an empty batch."""
    if all(type(stage).probe is Stage.probe for stage in stages):
        return source.schema
    first = next((batch for batch in source.read() if batch.num_rows), None)
    batch = empty_batch(source.schema) if first is None else first.slice(0, 1)
    for stage in stages:
        batch = stage.probe(batch)
    return batch.schema


def _attach(stage: Stage, upstream: Upstream, passed: Sequence[Stage]) -> Upstream:
    """Connect a stage that is applied to the rows themselves.

    A stage that chooses rows of a stream that varies with the epoch always chooses from epoch 0; rows that
    were shuffled are shuffled again in later epochs, and cut into batches as before.
    """
    places = [place for place, each in enumerate(passed) if each.reorders]
    if not stage.chooses or not any(each.reorders or each.varies for each in passed):
        return partial(stage.stream, upstream)
    chosen = partial(stage.stream, partial(_fix_epoch, upstream))
    if not places:
        return chosen
    shuffle = passed[places[-1]]
    reordered: Upstream = partial(shuffle.stream, chosen)
    for each in passed[places[-1] + 1 :]:
        if each.batch_rows:
            reordered = partial(each.stream, reordered)
    return partial(_choose_by_epoch, chosen, reordered)


def _fix_epoch(upstream: Upstream, epoch: int, cursor: Cursor) -> Steps:  # noqa: ARG001
    return upstream(0, cursor)


def _choose_by_epoch(first: Upstream, later: Upstream, epoch: int, cursor: Cursor) -> Steps:
    return (later if epoch else first)(epoch, cursor)
