"""The training path: the transform, the network and the head, as they were trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from headrace.deploy.served_model import ServedModel, read_features
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
        features = read_features(self.transform(batch))
        try:
            return self.head.name(self.served.predict(features))
        except HeadraceError:
            raise
        except Exception as error:
            rows = f"{batch.num_rows:,} row{'' if batch.num_rows == 1 else 's'}"
            text = " ".join(str(error).split())[:300]
            what = f"the network fails in PyTorch on {rows}: {type(error).__name__}: {text}"
            raise ModelError(what, hint="keep the dimension of rows in every layer") from error
