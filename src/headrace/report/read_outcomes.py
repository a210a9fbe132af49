"""Outcomes from the outputs of a network: what its head makes of them, as the exported file does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from headrace.heads import Classifier, Head, MultiLabelClassifier, QuantileRegressor, SeveralHeads
from headrace.report.outcomes import Classes, Labels, Numbers, Outcome, Quantiles

__all__ = ["read_labels", "read_outcomes"]


def read_outcomes(
    head: Head, outputs: Any, labels: Any, *, name: str = "", units: Mapping[str, str] | None = None
) -> list[Outcome]:
    """Return one outcome per output of a model; of several numbers per row, one for each.

    Args:
        head: The head, such as `FitResult.head`.
        outputs: The outputs of the network for all rows, as `hr.training.Predictions` has them.
        labels: The labels of all rows, likewise.
        name: The name of the outcome; several numbers have the names of the head.
        units: Name to the unit of the numbers.
    """
    if isinstance(head, SeveralHeads):
        found = ((key, each, outputs[key], labels[key]) for key, each in head.heads.items())
        return [
            outcome
            for key, each, raw, truth in found
            for outcome in read_outcomes(each, raw, truth, name=key, units=units)
        ]
    values = [tensor.numpy() for tensor in head.tensors(torch.from_numpy(np.ascontiguousarray(outputs)))]
    truth = read_labels(head, labels, name=name)
    units = units or {}
    if isinstance(head, Classifier | MultiLabelClassifier):
        kind = Classes if isinstance(head, Classifier) else Labels
        shares = values[1].astype(np.float64)
        names = head.names or tuple(map(str, range(shares.shape[1])))
        return [kind(name, truth[name], values[0].astype(np.int64), shares, names)]
    if isinstance(head, QuantileRegressor):
        levels = tuple(float(each) for each in head.quantiles)
        quantiles = values[0].astype(np.float64)
        return [Quantiles(name, truth[name], quantiles, levels, units.get(name, ""))]
    columns = np.concatenate([each.reshape(len(each), -1) for each in values], axis=1).astype(np.float64)
    return [
        Numbers(key, truth[key], columns[:, place], units.get(key, "")) for place, key in enumerate(truth)
    ]


def read_labels(head: Head, labels: Any, *, name: str = "") -> dict[str, np.ndarray]:
    """Return labels in the form of the outcomes, by their names.

    Args:
        head: The head.
        labels: Arrays, as a batch of the transform or `hr.training.Predictions` have them; lists of numbers
            of labels as an object array of arrays. Of several heads a mapping.
        name: The name of the outcome.
    """
    if isinstance(head, SeveralHeads):
        parts = [read_labels(each, labels[key], name=key) for key, each in head.heads.items()]
        return {key: values for part in parts for key, values in part.items()}
    values = np.asarray(labels)
    if isinstance(head, MultiLabelClassifier):
        return {name: _mark(values, len(head.names or ()))}
    if isinstance(head, Classifier):
        is_soft = values.ndim == 2 and values.shape[1] > 1
        return {name: (values.argmax(axis=1) if is_soft else values.reshape(-1)).astype(np.int64)}
    numbers = values.reshape(len(values), -1).astype(np.float64)
    if numbers.shape[1] == 1:
        return {name: numbers[:, 0]}
    names = head.outputs if len(head.outputs) == numbers.shape[1] else ()
    return {
        names[place] if names else f"{name or head.outputs[0]}[{place}]": numbers[:, place]
        for place in range(numbers.shape[1])
    }


def _mark(values: np.ndarray, count: int) -> np.ndarray:
    """Return a vector of 0 and 1 for each row, from vectors or from lists of the numbers of labels."""
    if values.dtype != object:
        return (values > 0.5).astype(np.int64)
    lists = [np.asarray(each, np.int64) for each in values]
    count = count or 1 + max((int(each.max()) for each in lists if len(each)), default=0)
    marked = np.zeros((len(lists), count), np.int64)
    for row, numbers in enumerate(lists):
        marked[row, numbers[(numbers >= 0) & (numbers < count)]] = 1
    return marked
