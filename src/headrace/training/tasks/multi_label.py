"""Several labels at once: each is there or not, in every row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from headrace.columns import Ragged
from headrace.errors import ModelError
from headrace.heads import MultiLabelClassifier, check_label_vectors
from headrace.training.metrics import LABEL_METRICS, LabelScores, Metrics
from headrace.training.tasks.task import Task

__all__ = ["MultiLabel", "count_labels"]


@dataclass(frozen=True, kw_only=True)
class MultiLabel(Task):
    """Several labels at once: binary cross entropy of one logit per label, [N, labels].

    Labels are vectors of 0 and 1, [N, labels], or lists of the numbers of the labels that a row has.

    Attributes:
        head: Chooses the labels of a row, and names them.
        class_weights: A weight for each label where it is there, float32 [labels]; None is 1.
    """

    head: MultiLabelClassifier = field(default_factory=MultiLabelClassifier)
    class_weights: Tensor | None = None
    name: ClassVar[str] = "multi_label"
    known_metrics: ClassVar[Metrics] = LABEL_METRICS
    default_metrics: ClassVar[tuple[str, ...]] = ("accuracy",)

    @property
    def sum_count(self) -> int:
        """Rows, loss x rows, share of right labels x rows."""
        return 3

    def read_labels(self, outputs: Tensor, labels: Any) -> Tensor:
        """Return vectors of 0 and 1, of the dtype of the outputs, [N, labels].

        Raises:
            ModelError: The labels have another form, or a number is not that of a label.
        """
        if isinstance(labels, Ragged):
            labels = count_labels(labels, outputs)
        if labels.shape != outputs.shape or outputs.ndim != 2:
            what = f"expected one logit for each label, {list(labels.shape)}, got {list(outputs.shape)}"
            raise ModelError(what, hint="return [rows, labels] from the model")
        return labels.to(outputs.dtype)

    def compute_loss(self, outputs: Tensor, labels: Any, weights: Tensor | None = None) -> Tensor:
        """Compute the loss of a batch, see `Task.compute_loss`."""
        vectors = self.read_labels(outputs, labels)
        if not vectors.is_cuda:  # on another device the check would wait for it
            check_label_vectors(vectors)
        return super().compute_loss(outputs, vectors, weights)

    def compute_row_losses(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the binary cross entropy of each row [N], the mean over its labels."""
        losses = F.binary_cross_entropy_with_logits(
            outputs, labels, pos_weight=self.class_weights, reduction="none"
        )
        return losses.mean(dim=1)

    def compute_sums(self, outputs: Tensor, labels: Any, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, share of right labels x rows); sums of batches can be added."""
        vectors = self.read_labels(outputs, labels)
        right = self.head.choose_labels(self.head.scale_logits(outputs)) == (vectors > 0.5)
        rows = loss.new_full((), len(vectors))
        return torch.stack([rows, loss * rows, right.to(loss.dtype).mean() * rows])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the share of right labels."""
        rows, loss, right = sums
        return {"loss": loss / rows, "accuracy": right / rows}

    def read_scores(self, outputs: Tensor, labels: Tensor) -> LabelScores:
        """Return what the metrics take."""
        check_label_vectors(labels)
        logits = self.head.scale_logits(outputs.double())
        names = self.head.names or tuple(map(str, range(logits.shape[1])))
        return LabelScores(logits, (labels > 0.5).long(), self.head.choose_labels(logits).long(), names)

    def to(self, device: torch.device) -> Self:
        """Return the task with its tensors on a device."""
        return (
            self if self.class_weights is None else replace(self, class_weights=self.class_weights.to(device))
        )


def count_labels(lists: Ragged, outputs: Tensor) -> Tensor:
    """Turn lists of the numbers of labels into vectors of 0 and 1, float32 [N, labels].

    Args:
        lists: The numbers of the labels of each row.
        outputs: The output of the model, [N, labels].

    Raises:
        ModelError: A number is not that of a label.
    """
    values, splits = lists.values, lists.row_splits
    rows, count = len(splits) - 1, outputs.shape[1]
    wrong = (values < 0) | (values >= count)
    if bool(wrong.any()):
        found = int(values[wrong][0])
        hint = "number the labels from 0, and build the model with one output per label"
        if found == -1:
            hint = "-1 stands for words outside a vocabulary: pass num_oov_buckets=1"
        raise ModelError(f"label {found} in a model of {count} labels", hint=hint)
    places = torch.repeat_interleave(torch.arange(rows, device=values.device), splits.diff())
    vectors = torch.zeros(rows, count, device=values.device)
    vectors[places, values.long()] = 1
    return vectors
