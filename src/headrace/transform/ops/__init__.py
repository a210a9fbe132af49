"""Row-wise operations, one file a family; importing this package registers them all."""

from headrace.transform.ops.images import center_crop, grayscale, rescale, resize, standardize
from headrace.transform.ops.lists.count_vector import count_vector, multi_hot
from headrace.transform.ops.lists.deduplicate_per_row import deduplicate_per_row, term_frequency
from headrace.transform.ops.lists.join_lists import join_lists
from headrace.transform.ops.lists.row_length import row_length, word_count
from headrace.transform.ops.lists.segment_indices import segment_indices
from headrace.transform.ops.lists.to_dense import to_dense
from headrace.transform.ops.lists.to_lists import to_lists
from headrace.transform.ops.numbers.apply_buckets import apply_buckets
from headrace.transform.ops.numbers.arithmetic import clip, maximum, minimum
from headrace.transform.ops.numbers.cast import cast
from headrace.transform.ops.numbers.comparison import where
from headrace.transform.ops.numbers.date import date_part
from headrace.transform.ops.numbers.division import power
from headrace.transform.ops.numbers.elementary import abs, ceil, exp, floor, log, log1p, round, sign, sqrt  # noqa: A004
from headrace.transform.ops.numbers.interpolate import apply_buckets_with_interpolation
from headrace.transform.ops.numbers.inverse_tukey import inverse_tukey
from headrace.transform.ops.numbers.logic import logical_not
from headrace.transform.ops.numbers.missing import fill_missing, is_missing
from headrace.transform.ops.numbers.shape import concatenate, reshape, transpose
from headrace.transform.ops.strings.hash_strings import hash_strings
from headrace.transform.ops.strings.join_strings import as_string, hashed_cross, join_strings
from headrace.transform.ops.strings.letter_case import lower, upper
from headrace.transform.ops.strings.ngrams import ngrams
from headrace.transform.ops.strings.regex_replace import regex_replace, strip_punctuation
from headrace.transform.ops.strings.string_at import string_at
from headrace.transform.ops.strings.string_length import string_length
from headrace.transform.ops.strings.substring import substring
from headrace.transform.ops.strings.tokenize import tokenize
from headrace.transform.ops.strings.tokenize_regex import (
    tokenize_characters,
    tokenize_regex,
    tokenize_whitespace,
)
from headrace.transform.ops.vocabularies.apply_vocabulary import apply_vocabulary
from headrace.transform.ops.vocabularies.index_of import index_of
from headrace.transform.ops.vocabularies.lookup import isin, lookup
from headrace.transform.ops.vocabularies.one_hot import one_hot

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
