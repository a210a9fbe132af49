"""Preprocessing defined once: a function, its statistics over a whole data set, and the frozen result."""

from headrace.transform.analyze import analyze
from headrace.transform.analyzers import max, mean, min, quantiles, size, var, vocabulary  # noqa: A004
from headrace.transform.column import Column
from headrace.transform.mappers import (
    bucketize,
    compute_and_apply_vocabulary,
    scale_by_min_max,
    scale_to_0_1,
    scale_to_z_score,
)
from headrace.transform.ops import (
    apply_buckets,
    apply_vocabulary,
    cast,
    clip,
    concatenate,
    fill_missing,
    hash_strings,
    is_missing,
    log1p,
    maximum,
    minimum,
    one_hot,
    reshape,
    sqrt,
    tokenize,
    where,
)
from headrace.transform.transform import Transform

__all__ = [
    "Column",
    "Transform",
    "analyze",
    "apply_buckets",
    "apply_vocabulary",
    "bucketize",
    "cast",
    "clip",
    "compute_and_apply_vocabulary",
    "concatenate",
    "fill_missing",
    "hash_strings",
    "is_missing",
    "log1p",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "one_hot",
    "quantiles",
    "reshape",
    "scale_by_min_max",
    "scale_to_0_1",
    "scale_to_z_score",
    "size",
    "sqrt",
    "tokenize",
    "var",
    "vocabulary",
    "where",
]
