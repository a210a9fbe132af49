"""Row-wise operations, one file a family; importing this package registers them all."""

from headrace.transform.ops.apply_buckets import apply_buckets
from headrace.transform.ops.apply_vocabulary import apply_vocabulary
from headrace.transform.ops.arithmetic import clip, log1p, maximum, minimum, sqrt
from headrace.transform.ops.cast import cast
from headrace.transform.ops.comparison import where
from headrace.transform.ops.deduplicate_per_row import deduplicate_per_row, term_frequency
from headrace.transform.ops.hash_strings import hash_strings
from headrace.transform.ops.join_strings import as_string, hashed_cross, join_strings
from headrace.transform.ops.letter_case import lower, upper
from headrace.transform.ops.missing import fill_missing, is_missing
from headrace.transform.ops.ngrams import ngrams
from headrace.transform.ops.one_hot import one_hot
from headrace.transform.ops.regex_replace import regex_replace, strip_punctuation
from headrace.transform.ops.row_length import row_length, word_count
from headrace.transform.ops.shape import concatenate, reshape
from headrace.transform.ops.string_length import string_length
from headrace.transform.ops.substring import substring
from headrace.transform.ops.tokenize import tokenize
from headrace.transform.ops.tokenize_regex import tokenize_characters, tokenize_regex, tokenize_whitespace

__all__ = [
    "apply_buckets",
    "apply_vocabulary",
    "as_string",
    "cast",
    "clip",
    "concatenate",
    "deduplicate_per_row",
    "fill_missing",
    "hash_strings",
    "hashed_cross",
    "is_missing",
    "join_strings",
    "log1p",
    "lower",
    "maximum",
    "minimum",
    "ngrams",
    "one_hot",
    "regex_replace",
    "reshape",
    "row_length",
    "sqrt",
    "string_length",
    "strip_punctuation",
    "substring",
    "term_frequency",
    "tokenize",
    "tokenize_characters",
    "tokenize_regex",
    "tokenize_whitespace",
    "upper",
    "where",
    "word_count",
]
