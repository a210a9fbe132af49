"""The columns of a batch that are not features: labels, and the weights of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor

from headrace.arguments import check_string, show_value
from headrace.columns import ColumnType, Ragged, holds_strings
from headrace.errors import SchemaError, UsageError
from headrace.heads import Label

__all__ = ["Split", "Targets"]


class Split(NamedTuple):
    """A batch for a training step.

    Attributes:
        features: Name to tensor, or to `Ragged` of tensors.
        labels: The labels, a tensor or a `Ragged`; a dict by output of a model with several.
        weights: The weights of the rows [N], of mean 1 over the training data; None is 1.
    """

    features: Mapping[str, Any]
    labels: Any
    weights: Tensor | None


@dataclass(frozen=True)
class Targets:
    """Which columns are labels, and which one is the weight of a row.

    Attributes:
        label: The label column; or output of the model to label column.
        sample_weight: The column of weights.
        mean_weight: The mean weight of the training data, which weights are divided by.
    """

    label: str | Mapping[str, str]
    sample_weight: str | None = None
    mean_weight: float = 1.0

    def check(self) -> Targets:
        """Check the names.

        Raises:
            UsageError: `label` is not the name of a column, or output to name.
        """
        if isinstance(self.label, str):
            check_string(self.label, "label")
        elif not isinstance(self.label, Mapping) or not self.label:  # pyright: ignore[reportUnnecessaryIsInstance]
            hint = 'pass the name of the label column, or output to label: {"kind": "species"}'
            raise UsageError(f"label: expected a string, got {show_value(self.label)}", hint=hint)
        else:
            for key, name in self.label.items():
                check_string(key, "label: an output")
                check_string(name, f"label[{key!r}]")
        if self.sample_weight is not None and self.sample_weight in self.labels:
            raise UsageError(
                f"sample_weight: '{self.sample_weight}' is the label", hint="name another column"
            )
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.label,) if isinstance(self.label, str) else tuple(dict.fromkeys(self.label.values()))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are not features."""
        return self.labels if self.sample_weight is None else (*self.labels, self.sample_weight)

    def split(self, batch: Mapping[str, Any]) -> Split:
        """Split a batch into features, labels and weights.

        Raises:
            SchemaError: The batch lacks a label column, or has no other column.
        """
        for name in self.labels:
            if name not in batch:
                raise SchemaError(
                    "the label is not among the batch's columns: " + ", ".join(batch),
                    feature=name,
                    hint="name the label column, or return it from the preprocessing function",
                )
        others = self.columns
        features = {name: value for name, value in batch.items() if name not in others}
        if not features:
            raise SchemaError(
                "the label is the only column of the batch",
                feature=self.labels[0],
                hint="return features from the preprocessing function, too",
            )
        return Split(features, self.read_labels(batch), self.read_weights(batch))

    def read_labels(self, batch: Mapping[str, Any]) -> Any:
        """Return the labels of a batch.

        Raises:
            SchemaError: They are strings.
        """
        for name in self.labels:
            if holds_strings(batch[name]):
                hint = "pass head=hr.deploy.Classifier(class_names), such as that of fit's result"
                raise SchemaError("the label is strings, of unknown classes", feature=name, hint=hint)
        if isinstance(self.label, str):
            return batch[self.label]
        return {key: batch[name] for key, name in self.label.items()}

    def read_weights(self, batch: Mapping[str, Any]) -> Tensor | None:
        """Return the weights of a batch, divided by their mean over the training data.

        Raises:
            SchemaError: The column is not one number per row.
        """
        if self.sample_weight is None or self.sample_weight not in batch:
            return None
        weights = batch[self.sample_weight]
        is_number = isinstance(weights, Tensor) and weights.shape in ((len(weights),), (len(weights), 1))
        if not is_number:
            what = "sample_weight: expected one number per row"
            raise SchemaError(what, feature=self.sample_weight, hint="return one number per row")
        weights = weights.reshape(-1)
        weights = weights if weights.is_floating_point() else weights.float()
        return weights if self.mean_weight == 1 else weights / self.mean_weight

    def describe(self, labels: Any) -> Label | dict[str, Label]:
        """Describe the label columns by the types of some labels."""
        if isinstance(self.label, str):
            return Label(self.label, _find_type(labels))
        return {key: Label(name, _find_type(labels[key])) for key, name in self.label.items()}

    @staticmethod
    def count_rows(labels: Any) -> int:
        """Count the rows of labels."""
        if isinstance(labels, Mapping):
            return Targets.count_rows(next(iter(labels.values())))
        return len(labels.row_splits) - 1 if isinstance(labels, Ragged) else labels.shape[0]


def _find_type(labels: Any) -> ColumnType:
    values = labels.values if isinstance(labels, Ragged) else labels
    dtype = str(values.dtype).removeprefix("torch.")
    return ColumnType(dtype, tuple(values.shape[1:]), ragged=isinstance(labels, Ragged))
