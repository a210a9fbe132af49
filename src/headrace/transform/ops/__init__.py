"""Row-wise operations, one file a family; importing this package registers them all."""

from headrace.transform.ops.apply_buckets import apply_buckets
from headrace.transform.ops.apply_vocabulary import apply_vocabulary
from headrace.transform.ops.arithmetic import clip, log1p, maximum, minimum, sqrt
from headrace.transform.ops.cast import cast
from headrace.transform.ops.comparison import where
from headrace.transform.ops.hash_strings import hash_strings
from headrace.transform.ops.missing import fill_missing, is_missing
from headrace.transform.ops.one_hot import one_hot
from headrace.transform.ops.shape import concatenate, reshape
from headrace.transform.ops.tokenize import tokenize

__all__ = [
    "apply_buckets",
    "apply_vocabulary",
    "cast",
    "clip",
    "concatenate",
    "fill_missing",
    "hash_strings",
    "is_missing",
    "log1p",
    "maximum",
    "minimum",
    "one_hot",
    "reshape",
    "sqrt",
    "tokenize",
    "where",
]
