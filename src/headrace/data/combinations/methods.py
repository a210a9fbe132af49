"""The methods of a dataset that combine several datasets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, Self, get_args

from headrace.arguments import check_flag, check_integer, is_iterable, is_number, show_value
from headrace.data.combinations.combination import Input
from headrace.data.combinations.concatenate import Concatenation
from headrace.data.combinations.interleave import Interleaving
from headrace.data.combinations.mix import Mixture, StopMixing
from headrace.data.combinations.zip import Zip
from headrace.data.pipeline import Source, Stage
from headrace.errors import UsageError

__all__ = ["DatasetCombinations"]


class Combined(Protocol):
    """What is needed of a dataset to combine it."""

    @property
    def source(self) -> Source:
        """Where the rows come from."""
        ...

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages applied to them."""
        ...


class DatasetCombinations:
    """Constructors of a dataset from several; each epoch combines that epoch of each of them."""

    if TYPE_CHECKING:

        def __init__(self, source: Source) -> None: ...

    @classmethod
    def concatenate(cls, datasets: Iterable[Combined]) -> Self:
        """Read datasets of the same columns one after the other.

        Where all of them can read rows by number, a `shuffle` mixes all rows uniformly.

        Raises:
            UsageError: No datasets are passed.
            SchemaError: On reading: the datasets differ in their columns.
        """
        return cls(Concatenation(_inputs(datasets)))

    @classmethod
    def zip(cls, datasets: Iterable[Combined], strict: bool = True) -> Self:
        """Zip datasets: row k has the columns of row k of each.

        Args:
            datasets: Datasets of different column names.
            strict: Whether different lengths are an error; otherwise the rows end with the shortest dataset.

        Raises:
            UsageError: No datasets are passed; on reading: the lengths differ.
            SchemaError: On reading: two datasets have a column of the same name.
        """
        return cls(Zip(_inputs(datasets), check_flag(strict, "strict")))

    @classmethod
    def interleave(cls, datasets: Iterable[Combined], cycle_length: int = 16, block_length: int = 1) -> Self:
        """Read `block_length` rows of each of `cycle_length` datasets in turn, such as the shards of a set.

        Raises:
            UsageError: No datasets are passed, or a length is below 1.
            SchemaError: On reading: the datasets differ in their columns.
        """
        cycle = check_integer(cycle_length, "cycle_length", 1)
        return cls(Interleaving(_inputs(datasets), cycle, check_integer(block_length, "block_length", 1)))

    @classmethod
    def mix(
        cls, datasets: Iterable[Combined], weights: Sequence[float], seed: int = 0, stop: StopMixing = "all"
    ) -> Self:
        """Draw each row from a random dataset, by weight, in the order of the dataset.

        No row is lost or repeated: when a dataset has ended, the others share its weight. To repeat a small
        one instead, pass `small.repeat(n)`.

        Args:
            datasets: Datasets of the same columns.
            weights: The share of each dataset, above 0; they need not add up to 1.
            seed: Selects the random draws; they differ between epochs.
            stop: Whether the rows end with "all" datasets, or with the "first" that ends.

        Raises:
            UsageError: No datasets are passed, not one weight above 0 for each, or another `stop`.
            SchemaError: On reading: the datasets differ in their columns.
        """
        inputs = _inputs(datasets)
        given = tuple(weights) if is_iterable(weights) else ()
        if len(given) != len(inputs) or not all(is_number(weight) and weight > 0 for weight in given):
            raise UsageError(
                f"expected a weight above 0 for each of {len(inputs)} datasets, got {show_value(weights)}",
                hint="leave out datasets that are not wanted",
            )
        if stop not in get_args(StopMixing):
            raise UsageError(f"expected stop='all' or 'first', got {stop!r}", hint="'all' reads every row")
        return cls(Mixture(inputs, tuple(map(float, given)), check_integer(seed, "seed"), stop))


def _inputs(datasets: Iterable[Combined]) -> tuple[Input, ...]:
    hint = "pass a list: Dataset.zip([a, b])"
    if hasattr(datasets, "stages") or isinstance(datasets, str) or not is_iterable(datasets):
        raise UsageError(f"expected a list of datasets, got {type(datasets).__name__}", hint=hint)
    given = list(datasets)
    wrong = [each for each in given if not hasattr(each, "stages")]
    if wrong:
        raise UsageError(f"expected a list of datasets, got a {type(wrong[0]).__name__} in it", hint=hint)
    inputs = tuple(Input(each.source, each.stages) for each in given)
    if not inputs:
        raise UsageError("expected at least one dataset, got none", hint="pass a list of datasets")
    return inputs
