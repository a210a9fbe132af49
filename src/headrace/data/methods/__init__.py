"""Methods of a dataset that append a stage, by family; `Dataset` inherits them."""

from __future__ import annotations

from headrace.data.methods.dataset_stages import DatasetStages

__all__ = ["DatasetStages"]
