"""Row-wise ops on strings: case, tokens, patterns, substrings, hashes."""

from headrace import discovery
from headrace.transform.ops.strings.hash_strings import hash_strings
from headrace.transform.ops.strings.join_strings import as_string, hashed_cross, join_strings
from headrace.transform.ops.strings.letter_case import lower, upper
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.ops.strings.regex_replace import regex_replace, strip_punctuation
from headrace.transform.ops.strings.string_length import string_length
from headrace.transform.ops.strings.substring import substring
from headrace.transform.ops.strings.tokenize import tokenize
from headrace.transform.ops.strings.tokenize_regex import (
    tokenize_characters,
    tokenize_regex,
    tokenize_whitespace,
)

__all__ = [
    "PerString",
    "as_string",
    "hash_strings",
    "hashed_cross",
    "join_strings",
    "lower",
    "regex_replace",
    "string_length",
    "strip_punctuation",
    "substring",
    "tokenize",
    "tokenize_characters",
    "tokenize_regex",
    "tokenize_whitespace",
    "upper",
]

discovery.import_modules(__name__, skip=["lowering", "onnx_text"])
