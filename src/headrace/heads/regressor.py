"""The head of a regression: one number per row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from headrace.arguments import check_string
from headrace.errors import ModelError
from headrace.heads.head import Head
from headrace.heads.label import Label

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Regressor"]


@dataclass(frozen=True)
class Regressor(Head):
    """One number per row, float32 [rows], under the name `output`.

    Attributes:
        output: The name of the output.
    """

    output: str = "prediction"

    def __post_init__(self) -> None:
        """Check the name."""
        check_string(self.output, "output")

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The name of the output."""
        return (self.output,)

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:  # noqa: ARG002
        """Check that the label is one float per row, [rows] or [rows, 1].

        Raises:
            SchemaError: The label has another type.
        """
        if label is None:
            return self
        type_ = label.type
        if not type_.is_float and not type_.ragged and not math.prod(type_.shape) > 1:
            hint = "cast it to float32 in the preprocessing function, or use the head Classifier()"
            raise label.error(f"the label is {type_}, but Regressor expects floats", hint)
        if type_.ragged or math.prod(type_.shape) != 1:
            hint = "train on one number per row, or on the class number of each row with Classifier()"
            raise label.error(f"the label is {type_}, but Regressor expects one number per row", hint)
        return self

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Reshape the number, [rows, 1] or [rows], to [rows].

        Raises:
            ModelError: There is not one number per row.
        """
        if raw.ndim > 1 and math.prod(raw.shape[1:]) != 1:
            what = f"expected one number per row, got {math.prod(raw.shape[1:])}"
            raise ModelError(what, hint="return [rows] or [rows, 1], or use the head Classifier()")
        return (raw.float().reshape(raw.shape[0]),)
