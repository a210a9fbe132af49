"""Methods of a dataset, by family; `Dataset` inherits them."""

from __future__ import annotations

from headrace.data.methods.dataset_stages import DatasetStages
from headrace.data.methods.presentation import PresentationMethods
from headrace.data.methods.profiling import ProfilingMethods
from headrace.data.methods.sources import SourceMethods
from headrace.data.methods.torch_tensors import TensorMethods

__all__ = ["DatasetStages", "PresentationMethods", "ProfilingMethods", "SourceMethods", "TensorMethods"]
