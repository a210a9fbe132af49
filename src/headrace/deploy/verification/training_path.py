"""The training path: the transform, the network and the head, as they were trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.torch import to_tensors
from headrace.deploy.served_model import ServedModel
from headrace.deploy.verification.scales import compute_in_float64, find_scales
from headrace.errors import HeadraceError, ModelError
from headrace.heads import Head
from headrace.transform import Transform

__all__ = ["TrainingPath"]


@dataclass(frozen=True)
class TrainingPath:
    """Computes what a deployed model should answer.

    Attributes:
        transform: Computes the features.
        served: The network with its head, on the CPU and in evaluation mode.
        head: Names the outputs.
    """

    transform: Transform
    served: ServedModel
    head: Head

    def compute(self, batch: pa.RecordBatch) -> dict[str, NDArray[Any]]:
        """Compute the outputs of raw rows.

        Raises:
            SchemaError: The transform refuses the rows.
            ModelError: The network fails.
        """
        features = self._compute_features(batch)
        try:
            return self.head.name(self.served.predict(features))
        except HeadraceError:
            raise
        except Exception as error:
            rows = f"{batch.num_rows:,} row{'' if batch.num_rows == 1 else 's'}"
            text = " ".join(str(error).split())[:300]
            what = f"the network fails in PyTorch on {rows}: {type(error).__name__}: {text}"
            raise ModelError(what, hint="keep the dimension of rows in every layer") from error

    def find_scales(self, batch: pa.RecordBatch, expected: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        """Find the scales of the outputs that are numbers, from some rows and their outputs."""
        numbers = {name: value for name, value in expected.items() if self._is_number(name, value)}
        exact = compute_in_float64(self.served, self._compute_features(batch)) if numbers else None
        return find_scales(numbers, exact)

    def _is_number(self, name: str, values: NDArray[Any]) -> bool:
        return values.dtype.kind == "f" and "probabilities" not in self.head.kinds.get(name, "")

    def _compute_features(self, batch: pa.RecordBatch) -> dict[str, Any]:
        return to_tensors(self.transform(batch))
