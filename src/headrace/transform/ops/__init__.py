"""Row-wise operations, one file a family; importing this package registers them all."""

from headrace.transform.ops.apply_buckets import apply_buckets
from headrace.transform.ops.apply_vocabulary import apply_vocabulary
from headrace.transform.ops.arithmetic import clip, maximum, minimum
from headrace.transform.ops.cast import cast
from headrace.transform.ops.comparison import where
from headrace.transform.ops.count_vector import count_vector, multi_hot
from headrace.transform.ops.date import date_part
from headrace.transform.ops.deduplicate_per_row import deduplicate_per_row, term_frequency
from headrace.transform.ops.division import power
from headrace.transform.ops.functions import abs, ceil, exp, floor, log, log1p, round, sign, sqrt  # noqa: A004
from headrace.transform.ops.hash_strings import hash_strings
from headrace.transform.ops.image import center_crop, grayscale, rescale, resize, standardize
from headrace.transform.ops.index_of import index_of
from headrace.transform.ops.interpolate import apply_buckets_with_interpolation
from headrace.transform.ops.inverse_tukey import inverse_tukey
from headrace.transform.ops.join_lists import join_lists
from headrace.transform.ops.join_strings import as_string, hashed_cross, join_strings
from headrace.transform.ops.letter_case import lower, upper
from headrace.transform.ops.logic import logical_not
from headrace.transform.ops.lookup import isin, lookup
from headrace.transform.ops.missing import fill_missing, is_missing
from headrace.transform.ops.ngrams import ngrams
from headrace.transform.ops.one_hot import one_hot
from headrace.transform.ops.regex_replace import regex_replace, strip_punctuation
from headrace.transform.ops.row_length import row_length, word_count
from headrace.transform.ops.segment_indices import segment_indices
from headrace.transform.ops.shape import concatenate, reshape, transpose
from headrace.transform.ops.string_at import string_at
from headrace.transform.ops.string_length import string_length
from headrace.transform.ops.substring import substring
from headrace.transform.ops.to_dense import to_dense
from headrace.transform.ops.to_lists import to_lists
from headrace.transform.ops.tokenize import tokenize
from headrace.transform.ops.tokenize_regex import tokenize_characters, tokenize_regex, tokenize_whitespace

__all__ = [
    "abs",
    "apply_buckets",
    "apply_buckets_with_interpolation",
    "apply_vocabulary",
    "as_string",
    "cast",
    "ceil",
    "center_crop",
    "clip",
    "concatenate",
    "count_vector",
    "date_part",
    "deduplicate_per_row",
    "exp",
    "fill_missing",
    "floor",
    "grayscale",
    "hash_strings",
    "hashed_cross",
    "index_of",
    "inverse_tukey",
    "is_missing",
    "isin",
    "join_lists",
    "join_strings",
    "log",
    "log1p",
    "logical_not",
    "lookup",
    "lower",
    "maximum",
    "minimum",
    "multi_hot",
    "ngrams",
    "one_hot",
    "power",
    "regex_replace",
    "rescale",
    "reshape",
    "resize",
    "round",
    "row_length",
    "segment_indices",
    "sign",
    "sqrt",
    "standardize",
    "string_at",
    "string_length",
    "strip_punctuation",
    "substring",
    "term_frequency",
    "to_dense",
    "to_lists",
    "tokenize",
    "tokenize_characters",
    "tokenize_regex",
    "tokenize_whitespace",
    "transpose",
    "upper",
    "where",
    "word_count",
]
