"""Methods of a dataset that treat rows by their class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

import pyarrow as pa

from headrace.arguments import check_function, check_integer, check_name, check_shares
from headrace.data.methods.base import StageMethods
from headrace.data.stages import ClassReader, Resample, Weigh

__all__ = ["ClassMethods"]

Classes = str | Callable[[pa.RecordBatch], Any]


class ClassMethods(StageMethods):
    """Methods for classes of different frequency."""

    def resample(
        self,
        classes: Classes,
        target: Mapping[Any, float],
        *,
        initial: Mapping[Any, float] | None = None,
        seed: int = 0,
    ) -> Self:
        """Drop rows of frequent classes at random, so that the classes have the shares of `target`.

        As few rows are dropped as possible, other ones in each epoch; a row is kept or dropped by its number,
        so that a resumed epoch keeps the same. Resample after `split`.

            >>> ds = Dataset.from_arrays({"label": [0] * 900 + [1] * 100})
            >>> kept = [label for batch in ds.resample("label", {0: 0.5, 1: 0.5}) for label in batch["label"]]
            >>> 150 < len(kept) < 250
            True

        Args:
            classes: A column, or a function of a batch that returns one class per row.
            target: The share of each class; rows of other classes are dropped. Shares need not add up to 1.
            initial: The share of each class in the data; None counts the rows, once, in a pass over the data.
            seed: Selects the random choice.

        Raises:
            UsageError: An argument is invalid; when read: the data lack a class of `target`.
            SchemaError: When read: the column does not exist.
        """
        given = None if initial is None else check_shares(initial, "initial")
        shares = check_shares(target, "target")
        return self.apply(Resample(_read_classes(classes), shares, given, check_integer(seed, "seed")))

    def weights(
        self,
        classes: Classes,
        weight: Mapping[Any, float] | Literal["balanced"] = "balanced",
        *,
        name: str = "weight",
    ) -> Self:
        """Add a float32 column with a weight for each row, by its class.

            >>> ds = Dataset.from_arrays({"label": ["a", "a", "a", "b"]}).weights("label")
            >>> next(iter(ds))["weight"].to_pylist()
            [0.6666666865348816, 0.6666666865348816, 0.6666666865348816, 2.0]

        Args:
            classes: A column, or a function of a batch that returns one class per row.
            weight: The weight of each class. "balanced" is rows / (classes x rows of the class), as in
                scikit-learn; the rows are counted, once, in a pass over the data.
            name: The name of the column.

        Raises:
            UsageError: An argument is invalid; when read: a class has no weight.
            SchemaError: When read: the column of classes does not exist, or one named `name` does.
        """
        given = None if isinstance(weight, str) and weight == "balanced" else check_shares(weight, "weight")
        return self.apply(Weigh(_read_classes(classes), given, check_name(name, "name")))


def _read_classes(classes: Classes) -> ClassReader:
    is_function = callable(classes)
    return ClassReader(check_function(classes, "classes") if is_function else check_name(classes, "classes"))
