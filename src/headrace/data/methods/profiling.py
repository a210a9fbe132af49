"""The method of a dataset that measures it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from headrace.arguments import check_function, check_integer, check_number

if TYPE_CHECKING:
    from headrace.data.pipeline import Source, Stage
    from headrace.data.profiling import Profile

__all__ = ["ProfilingMethods"]


class ProfilingMethods:
    """The method that profiles a dataset."""

    if TYPE_CHECKING:
        source: Source
        stages: tuple[Stage, ...]
        epoch_number: int

    def profile(
        self,
        rows: int | None = None,
        seconds: float = 10.0,
        model: Callable[[Any], Any] | None = None,
    ) -> Profile:
        """Measure where the time goes: the cost of each stage, which one limits the rate, and what helps.

        The first batch is computed once to load what it needs. Then rows are read in one thread, to measure
        what each stage costs by itself, in CPU time and in time that it waits for files; and then as the
        dataset says, to see queues and waiting. A small dataset is read several times. The function of the
        slowest `map` is called a few times more, on rows that it has seen. An empty cache is profiled while
        it is filled, if an epoch ends within the limits, and then as it is used.

            >>> profile = Dataset.from_arrays({"x": range(10_000)}).batch(100).profile()
            >>> print(profile)  # the table and the verdict
            >>> profile.verdict.part, profile.verdict.change
            >>> profile.plot("profile.png"); profile.trace("profile.json")

        Args:
            rows: Stop behind the batch with this row; None reads on.
            seconds: Stop after this time; half of it for each of the two passes.
            model: What is done with each batch: called with the tensors that `to_torch` yields, such as a
                function that trains a model for one step. None profiles the input alone.

        Raises:
            UsageError: The dataset has no rows, or a limit is not positive.
        """
        from headrace.data.profiling import profile_dataset  # not needed to read

        return profile_dataset(
            self.source,
            self.stages,
            self.epoch_number,
            None if rows is None else check_integer(rows, "rows", 1),
            check_number(seconds, "seconds", above=0),
            None if model is None else check_function(model, "model"),
        )
