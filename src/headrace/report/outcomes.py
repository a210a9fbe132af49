"""What a model says about the test rows, beside what is true: one outcome per output of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Classes", "Labels", "Numbers", "Outcome", "Quantiles"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """One output of the model over the test rows.

    Attributes:
        name: The label; "" for the only one.
        labels: What is true, rows first.
    """

    name: str
    labels: NDArray[Any]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.labels)

    def row_losses(self) -> Floats:
        """Compute how wrong each row is, float64 [rows]."""
        raise NotImplementedError

    def predict_constant(self, train: Any) -> tuple[str, Outcome]:
        """Return what a model without columns would say, described in words.

        Args:
            train: The labels of the training rows.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Classes(Outcome):
    """One class per row.

    Attributes:
        labels: True classes, int64 [rows].
        predicted: Predicted classes, int64 [rows].
        probabilities: float64 [rows, classes].
        names: The name of each class.
    """

    labels: Integers
    predicted: Integers
    probabilities: Floats
    names: tuple[str, ...]

    @cached_property
    def counts(self) -> Integers:
        """Rows by true and by predicted class, int64 [classes, classes]."""
        classes = len(self.names)
        pairs = np.bincount(self.labels * classes + self.predicted, minlength=classes * classes)
        return pairs.reshape(classes, classes)

    def row_losses(self) -> Floats:
        """Compute the negative logarithm of the probability of the true class, float64 [rows]."""
        chosen = self.probabilities[np.arange(self.rows), self.labels]
        return -np.log(np.maximum(chosen, 1e-15))

    def predict_constant(self, train: Integers) -> tuple[str, Classes]:
        """Return the classes by their shares in the training data: the most frequent one for every row."""
        shares = np.bincount(train, minlength=len(self.names)) / max(1, len(train))
        most = int(shares.argmax())
        name = self.names[most]
        shown = name if len(name) <= 60 else f"{name[:60]}..."
        words = f"always {shown!r}, the most frequent class of the training data"
        same = np.broadcast_to(shares, self.probabilities.shape)
        return words, replace(self, predicted=np.full_like(self.labels, most), probabilities=same)


@dataclass(frozen=True)
class Labels(Outcome):
    """Several labels at once: each is there or not.

    Attributes:
        labels: int64 [rows, labels], 0 or 1.
        predicted: int64 [rows, labels], 0 or 1.
        probabilities: float64 [rows, labels].
        names: The name of each label.
    """

    labels: Integers
    predicted: Integers
    probabilities: Floats
    names: tuple[str, ...]

    def row_losses(self) -> Floats:
        """Compute the mean negative logarithm of the probability of the truth, float64 [rows]."""
        right = np.where(self.labels == 1, self.probabilities, 1 - self.probabilities)
        return -np.log(np.maximum(right, 1e-15)).mean(axis=1)

    def predict_constant(self, train: Integers) -> tuple[str, Labels]:
        """Return each label with its share in the training data."""
        shares = train.mean(axis=0) if len(train) else np.zeros(len(self.names))
        same = np.broadcast_to(shares, self.probabilities.shape)
        words = "each label with its share of the training data"
        return words, replace(self, predicted=(same > 0.5).astype(np.int64), probabilities=same)


@dataclass(frozen=True)
class Numbers(Outcome):
    """One number per row.

    Attributes:
        labels: True values, float64 [rows].
        predicted: Predicted values, float64 [rows].
        unit: The unit of the values, such as "$"; may be empty.
    """

    labels: Floats
    predicted: Floats
    unit: str = ""

    def row_losses(self) -> Floats:
        """Compute the absolute error of each row, float64 [rows]."""
        return np.abs(self.predicted - self.labels)

    def predict_constant(self, train: Floats) -> tuple[str, Numbers]:
        """Return the mean of the training data for every row."""
        mean = float(train.mean()) if len(train) else 0.0
        return f"always {mean:,.6g}, the mean of the training data", replace(
            self, predicted=np.full_like(self.labels, mean)
        )


@dataclass(frozen=True)
class Quantiles(Outcome):
    """Quantiles of one number per row.

    Attributes:
        labels: True values, float64 [rows].
        predicted: Predicted quantiles in ascending order, float64 [rows, quantiles].
        levels: The quantiles, between 0 and 1.
        unit: The unit of the values; may be empty.
    """

    labels: Floats
    predicted: Floats
    levels: tuple[float, ...]
    unit: str = ""

    def row_losses(self) -> Floats:
        """Compute the mean pinball loss of each row, float64 [rows]."""
        errors = self.labels[:, None] - self.predicted
        levels = np.array(self.levels)
        return np.maximum(levels * errors, (levels - 1) * errors).mean(axis=1)

    def predict_constant(self, train: Floats) -> tuple[str, Quantiles]:
        """Return the quantiles of the training data for every row."""
        values = np.quantile(train, self.levels) if len(train) else np.zeros(len(self.levels))
        same = np.broadcast_to(values, self.predicted.shape)
        return "the quantiles of the training data", replace(self, predicted=same)
