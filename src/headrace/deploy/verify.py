"""Proof that a deployed model computes the same as the training path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headrace.deploy.check_transform import check_transform
from headrace.deploy.raw_inputs import find_transform
from headrace.deploy.verification.cut_batches import cut_batches
from headrace.deploy.verification.verdict import Verdict
from headrace.extras import require
from headrace.heads import Head
from headrace.serving import Predictor
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import nn

__all__ = ["verify"]


def verify(
    path: str | os.PathLike[str],
    data: Any,
    *,
    model: nn.Module,
    transform: Transform | None = None,
    head: Head | Mapping[str, Head] | None = None,
) -> Verdict:
    """Run the same raw rows through the training path and through ONNX Runtime, and compare every output.

    All rows are compared in batches of about 1 MB, whatever the batches of the data are. Then a few rows are
    tried in odd batches (0, 1, 3 and 7 rows; missing and empty values) and in every way of feeding: tables of
    Arrow, pandas and Polars, dicts, JSON; files of CSV, JSON lines, Parquet and records.

    Args:
        path: The file that `export` wrote.
        data: Raw rows: a `Dataset`, an iterable of batches, or a table in any form of `headrace.tables`.
        model: The exported model.
        transform: The exported transform, without the label; None for a model that was exported without one.
        head: The exported head, or output to head; None is a `Classifier` without class names.

    Raises:
        DependencyError: torch is not installed.
        ModelError: ONNX Runtime cannot load the file, the network fails, or it does not fit the head or the
            label.
        SchemaError: The rows do not fit the transform or the file, or the label does not fit the head.
        UsageError: The data has no rows, or the outputs have other names, shapes or types than in training;
            or the transform is missing.
    """
    require("torch", extra="train", purpose="headrace.deploy.verify")
    from headrace.deploy.served_model import served_model
    from headrace.deploy.verification.compare_all import compare_all
    from headrace.deploy.verification.training_path import TrainingPath

    predictor = Predictor(path)
    if transform is None:
        transform = find_transform(predictor)
    check_transform(transform)
    with served_model(model, head, transform) as served:
        training = TrainingPath(transform, served, served.head)
        return compare_all(training, predictor, cut_batches(data, transform.reads))
