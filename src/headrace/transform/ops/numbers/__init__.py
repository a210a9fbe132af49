"""Row-wise ops on numbers, conditions and shapes."""

from headrace import discovery
from headrace.transform.ops.numbers.apply_buckets import apply_buckets
from headrace.transform.ops.numbers.arithmetic import clip, maximum, minimum
from headrace.transform.ops.numbers.cast import cast
from headrace.transform.ops.numbers.comparison import where
from headrace.transform.ops.numbers.division import power
from headrace.transform.ops.numbers.elementary import abs, ceil, exp, floor, log, log1p, round, sign, sqrt  # noqa: A004
from headrace.transform.ops.numbers.interpolate import apply_buckets_with_interpolation
from headrace.transform.ops.numbers.inverse_tukey import inverse_tukey
from headrace.transform.ops.numbers.logic import logical_not
from headrace.transform.ops.numbers.missing import fill_missing, is_missing
from headrace.transform.ops.numbers.shape import concatenate, reshape, transpose
from headrace.transform.ops.numbers.trigonometry import cos, cycle, sin

__all__ = [
    "abs",
    "apply_buckets",
    "apply_buckets_with_interpolation",
    "cast",
    "ceil",
    "clip",
    "concatenate",
    "cos",
    "cycle",
    "exp",
    "fill_missing",
    "floor",
    "inverse_tukey",
    "is_missing",
    "log",
    "log1p",
    "logical_not",
    "maximum",
    "minimum",
    "power",
    "reshape",
    "round",
    "sign",
    "sin",
    "sqrt",
    "transpose",
    "where",
]

discovery.import_modules(__name__)
