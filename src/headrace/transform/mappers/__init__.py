"""Mappers: analyzers and ops combined to functions with TF Transform's names, one file a concept."""

from headrace.transform.mappers.bag_of_words import bag_of_words
from headrace.transform.mappers.bucketize import bucketize
from headrace.transform.mappers.compute_and_apply_vocabulary import compute_and_apply_vocabulary
from headrace.transform.mappers.estimated_probability_density import estimated_probability_density
from headrace.transform.mappers.per_key import (
    bucketize_per_key,
    scale_by_min_max_per_key,
    scale_to_0_1_per_key,
    scale_to_z_score_per_key,
)
from headrace.transform.mappers.scale import scale_by_min_max, scale_to_0_1, scale_to_z_score
from headrace.transform.mappers.scale_to_gaussian import scale_to_gaussian, scale_to_gaussian_per_key
from headrace.transform.mappers.tfidf import tfidf

__all__ = [
    "bag_of_words",
    "bucketize",
    "bucketize_per_key",
    "compute_and_apply_vocabulary",
    "estimated_probability_density",
    "scale_by_min_max",
    "scale_by_min_max_per_key",
    "scale_to_0_1",
    "scale_to_0_1_per_key",
    "scale_to_gaussian",
    "scale_to_gaussian_per_key",
    "scale_to_z_score",
    "scale_to_z_score_per_key",
    "tfidf",
]
