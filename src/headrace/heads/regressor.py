"""The head of a regression: one number per row, or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from headrace.arguments import check_names, check_string
from headrace.errors import ModelError
from headrace.heads.head import Head
from headrace.heads.label import Label, check_number_type

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Regressor"]


@dataclass(frozen=True)
class Regressor(Head):
    """One number per row, float32 [rows], under the name `output`; or several.

    Attributes:
        output: The name of the output; or a list of names, one for each number per row, which are then
            outputs of their own.
        size: The numbers per row under one name, float32 [rows, size]; taken from the label if it is known.

    Example:
        >>> import headrace as hr
        >>> head = hr.deploy.Regressor("price")
        >>> head = hr.deploy.Regressor(["weight", "waist", "pulse"])
    """

    output: str | Sequence[str] = "prediction"
    size: int = 1

    task: ClassVar[str | None] = "regression"

    def __post_init__(self) -> None:
        """Check the names."""
        if isinstance(self.output, list | tuple):
            check_names(self.output, "output")
        else:
            check_string(self.output, "output")

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of the outputs."""
        return (self.output,) if isinstance(self.output, str) else tuple(self.output)

    @property
    def numbers(self) -> int:
        """The numbers per row."""
        return self.size if isinstance(self.output, str) else len(self.output)

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:  # noqa: ARG002
        """Return the head for one float per row, [rows] or [rows, 1], or for several.

        Raises:
            SchemaError: The label has another type, or more or fewer numbers than there are names.
        """
        if label is None:
            return self
        check_number_type(label, type(self).__name__, several=True)
        found = math.prod(label.type.shape)
        if isinstance(self.output, str) and self.size in (1, found):
            return replace(self, size=found)
        if found != self.numbers:
            what = f"the label has {found} numbers per row, but Regressor has {self.numbers}"
            raise label.error(what, "name each number, in the order of the label")
        return self

    def lower_tensors(self, raw: Any) -> tuple[Any, ...] | None:
        """Lower `tensors` to ONNX."""
        import numpy as np
        import spox.opset.ai.onnx.v21 as op

        if type(self) is not Regressor:
            return None
        if self.numbers == 1:
            return (op.reshape(raw, op.const(np.array([-1], np.int64))),)
        if isinstance(self.output, str):
            return (op.reshape(raw, op.const(np.array([-1, self.numbers], np.int64))),)
        return tuple(op.gather(raw, op.const(np.int64(place)), axis=1) for place in range(self.numbers))

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Reshape one number, [rows, 1] or [rows], to [rows]; split several by their names.

        Raises:
            ModelError: There are more or fewer numbers per row.
        """
        wanted, found = self.numbers, math.prod(raw.shape[1:])
        if found != wanted or raw.ndim > 2 > wanted + 1:
            what = f"expected {'one number' if wanted == 1 else f'{wanted} numbers'} per row, got {found}"
            hint = "return [rows] or [rows, 1], or use the head Classifier()"
            if wanted > 1:
                hint = f"return [rows, {wanted}] from the model"
            raise ModelError(what, hint=hint)
        numbers = raw.float().reshape(raw.shape[0], wanted)
        if wanted == 1:
            return (numbers[:, 0],)
        return (numbers,) if isinstance(self.output, str) else tuple(numbers.unbind(dim=1))
