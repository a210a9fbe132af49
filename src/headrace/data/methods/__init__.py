"""Methods of a dataset, by family; `Dataset` inherits them."""

from __future__ import annotations

from headrace.data.methods.dataset_stages import DatasetStages
from headrace.data.methods.presentation import PresentationMethods
from headrace.data.methods.sources import SourceMethods

__all__ = ["DatasetStages", "PresentationMethods", "SourceMethods"]
