"""A part of a dataset: one file, or a piece of memory, through the stages that need no other rows."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.data.fingerprint import fingerprint
from headrace.data.pipeline import Batches, PartSource, Stage, upstream

__all__ = ["Part"]


@dataclass(frozen=True)
class Part:
    """Rows that can be read without the others, also in another process.

    Attributes:
        source: Where the rows come from.
        stages: What happens to them, in order.
    """

    source: PartSource
    stages: tuple[Stage, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What stays the same, from process to process, as long as file, schema and stages do.

        A file is known by its path, size and time of change; see `function_identity` for what is known of a
        user's function.

        Raises:
            UsageError: The file is gone.
        """
        return fingerprint(self.source.fingerprint, *(stage.identity for stage in self.stages))

    def __iter__(self) -> Batches:
        return upstream(self.source, self.stages)(0)
