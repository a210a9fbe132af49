"""What a layer's state dict holds in addition to its buffers: vocabularies and the names of statistics.

JSON as a tensor of bytes, so that files of tensors only (`torch.load(weights_only=True)`, safetensors) hold a
whole model, and loading executes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.errors import ModelError
from headrace.transform.graph import Constant

__all__ = ["LayerState"]

_FORMAT = 1


@dataclass(frozen=True)
class LayerState:
    """The part of a layer's state that is not a tensor.

    Attributes:
        layer: The name of the layer's class.
        statistics: The name of each statistic, its strings (None for numbers, which are tensors), and whether
            it is a correction, see `insert_statistics`.
        vocabulary: What `PreprocessingLayer.vocabulary_state` returned.
    """

    layer: str
    statistics: Sequence[tuple[str, pa.Array | None, bool]]
    vocabulary: Mapping[str, Any]

    @classmethod
    def from_statistics(
        cls, layer: str, statistics: Sequence[Constant], vocabulary: Mapping[str, Any]
    ) -> LayerState:
        """Create the state of a layer with these statistics."""
        values = [None if isinstance(each.value, np.ndarray) else each.value for each in statistics]
        names = [str(each.statistic) for each in statistics]
        corrections = [each.is_correction for each in statistics]
        return cls(layer, list(zip(names, values, corrections, strict=True)), vocabulary)

    def to_tensor(self) -> torch.Tensor:
        """Convert to uint8 [bytes]."""
        statistics = [
            {"name": name}
            | ({} if strings is None else {"strings": strings.to_pylist()})
            | ({"is_correction": True} if is_correction else {})
            for name, strings, is_correction in self.statistics
        ]
        stored = {"format": _FORMAT, "layer": self.layer, "statistics": statistics}
        text = json.dumps({**stored, "vocabulary": dict(self.vocabulary)}, ensure_ascii=False)
        return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)

    @classmethod
    def from_tensor(cls, tensor: Any) -> LayerState:
        """Read what `to_tensor` wrote.

        Raises:
            ModelError: The tensor holds something else.
        """
        try:
            if tensor.dtype != torch.uint8 or tensor.ndim != 1:
                raise ValueError(f"expected uint8 [bytes], got {tensor.dtype} {list(tensor.shape)}")
            stored = json.loads(tensor.detach().cpu().numpy().tobytes())
            if stored["format"] != _FORMAT:
                raise ValueError(f"expected format {_FORMAT}, got {stored['format']!r}")
            statistics = [
                (_text(each["name"]), _strings(each), each.get("is_correction", False) is True)
                for each in stored["statistics"]
            ]
            return cls(_text(stored["layer"]), statistics, dict(stored["vocabulary"]))
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            RecursionError,
            pa.ArrowException,
        ) as error:
            what = f"corrupt state of a layer ({type(error).__name__}: {error})"
            raise ModelError(what, hint="save the model again") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {value!r:.50}")
    return value


def _strings(stored: Mapping[str, Any]) -> pa.Array | None:
    if "strings" not in stored:
        return None
    return pa.array([_text(each) for each in stored["strings"]], pa.string())
