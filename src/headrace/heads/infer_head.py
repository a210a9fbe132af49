"""The head of a label, where the user does not name one."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.heads.classifier import Classifier
from headrace.heads.head import Head
from headrace.heads.label import Label
from headrace.heads.regressor import Regressor
from headrace.heads.several_heads import SeveralHeads

__all__ = ["infer_head"]


def infer_head(label: Label | Mapping[str, Label]) -> Head:
    """Return a `Regressor` for a float per row, and a `Classifier` for an integer or a boolean.

    Args:
        label: The label; of a model with several outputs, a dict.

    Raises:
        SchemaError: The label is a vector or a list: it may be several numbers, the probabilities of
            classes, or several labels at once.
    """
    if not isinstance(label, Label):
        return SeveralHeads({key: infer_head(each) for key, each in label.items()})
    type_ = label.type
    if type_.ragged or (type_.shape and type_.shape != (1,)):
        hint = "pass head=MultiLabelClassifier() for several labels at once, Classifier() for one-hot"
        if type_.is_float and not type_.ragged:
            hint = f"{hint} or soft labels, Regressor() for numbers"
        raise label.error(f"the label is {type_}, which may be labels of several kinds", hint)
    return Regressor() if type_.is_float else Classifier()
