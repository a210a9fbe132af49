"""The head of a quantile regression: several quantiles of one number per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Self

from headrace.arguments import check_number, check_string
from headrace.errors import ModelError, UsageError
from headrace.heads.head import Head
from headrace.heads.label import Label, check_number_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

__all__ = ["QuantileRegressor"]


@dataclass(frozen=True)
class QuantileRegressor(Head):
    """Quantiles of a number, float32 [rows, quantiles], in ascending order, under the name `output`.

    The network returns one number per quantile. Where they are not in order, they are sorted (V.
    Chernozhukov et al., Quantile and Probability Curves Without Crossing, Econometrica 78, 2010).

    Attributes:
        quantiles: The shares of rows that lie below each output, ascending, between 0 and 1.
        output: The name of the output.

    Example:
        >>> import headrace as hr
        >>> head = hr.deploy.QuantileRegressor((0.1, 0.5, 0.9), "price")
    """

    quantiles: Sequence[float] = (0.1, 0.5, 0.9)
    output: str = "prediction"

    task: ClassVar[str | None] = "quantiles"

    def __post_init__(self) -> None:
        """Check the quantiles and the name."""
        check_string(self.output, "output")
        levels = [check_number(each, "quantiles", above=0) for each in self.quantiles]
        if not levels or levels[-1] >= 1 or any(a >= b for a, b in pairwise(levels)):
            what = f"quantiles: expected ascending numbers between 0 and 1, got {list(self.quantiles)}"
            raise UsageError(what, hint="pass for example (0.1, 0.5, 0.9)")

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The name of the output."""
        return (self.output,)

    @property
    def kinds(self) -> Mapping[str, str]:  # type: ignore[override]
        """What the output means."""
        return MappingProxyType({self.output: "quantiles"})

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:  # noqa: ARG002
        """Check that the label is one float per row.

        Raises:
            SchemaError: The label has another type.
        """
        if label is not None:
            check_number_type(label, type(self).__name__, several=False)
        return self

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Sort the quantiles of each row.

        Raises:
            ModelError: There is not one number per quantile.
        """
        count = len(self.quantiles)
        if raw.ndim != 2 or raw.shape[1] != count:
            what = f"expected one number per quantile, [rows, {count}], got {list(raw.shape)}"
            raise ModelError(what, hint="return one number per quantile from the model")
        return (raw.float().sort(dim=1).values,)
