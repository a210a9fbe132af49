"""One line of a profile."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["StageProfile"]


@dataclass(frozen=True)
class StageProfile:
    """What one part of a pipeline does and costs.

    Attributes:
        name: The source, the stage such as "map(decode)", "to_torch" or "model".
        rows: Rows that it put out.
        bytes: Bytes that it put out.
        batches: Batches that it put out.
        seconds: Its own work, without its inputs': CPU time of all its threads, and waiting for files or a
            network. Time in which the machine was busy with others does not count.
        cpu_seconds: The CPU time alone.
        share: Its part of the work of all parts, 0 to 1.
        threads: Threads or processes that share its work.
        queue_fill: Of `prefetch`: the share of the queue, 0 to 1, that was filled when a batch was requested.
    """

    name: str
    rows: int
    bytes: int
    batches: int
    seconds: float
    cpu_seconds: float
    share: float
    threads: int = 1
    queue_fill: float | None = None

    @property
    def rows_per_second(self) -> float:
        """The rate of this part alone, on all its threads."""
        return self.rows * self.threads / max(self.seconds, 1e-9)

    @property
    def megabytes_per_second(self) -> float:
        """The rate of this part alone, on all its threads, in 10^6 bytes of its output."""
        return self.bytes * self.threads / 1e6 / max(self.seconds, 1e-9)
