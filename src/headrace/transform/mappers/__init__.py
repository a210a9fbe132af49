"""Analyzers and ops put together, under TF Transform's names."""

from headrace.transform.mappers.bucketize import bucketize
from headrace.transform.mappers.compute_and_apply_vocabulary import compute_and_apply_vocabulary
from headrace.transform.mappers.scale import scale_by_min_max, scale_to_0_1, scale_to_z_score

__all__ = [
    "bucketize",
    "compute_and_apply_vocabulary",
    "scale_by_min_max",
    "scale_to_0_1",
    "scale_to_z_score",
]
