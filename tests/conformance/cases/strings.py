"""Cases of ops on strings."""

from __future__ import annotations

import string

from .case import INTEGERS, Case, column, make_op, strings_of

__all__ = ["CASES", "CLASSES", "SPACED"]

SPACED = (
    "Hello, World!",
    "it's  (not)\tso\ndon't. ",
    "café ÉTÉ İx 日本, 語",
    ". , --",
    "\x1e\x1d ends\x1e\x1d \x1e\x1d",
    "a.b.c.d.e.f.g.h.i.j",
    "\u00a0x\u2028Y \x85Z",
    "word " * 70,
    "",
)
_LETTERS = "ABCXYZabcxyz"
_OF_WORDS = "".join(chr(n) for n in range(128) if chr(n) not in string.whitespace + string.punctuation)
# Kept, dropped, beyond ASCII, case: what is done to each character where a text is split.
CLASSES = [
    (_OF_WORDS, string.punctuation, "keep", "lower"),
    (_OF_WORDS + string.punctuation, "", "keep", ""),
    (_OF_WORDS, "", "cut", "upper"),
    (_LETTERS, "'-", "drop", ""),
    (_LETTERS, ".", "cut", "lower"),
    ("ABC", "", "cut", "lower"),
    (_OF_WORDS, string.punctuation + "\t\n", "keep", ""),
    ("x", "", "drop", "upper"),
]


def _tokenize() -> list[Case]:
    sets = [
        "A-Za-z0-9'",
        "a-z",
        "A-Z",
        "0-9.",
        "a-zA-Z_-",
        "$+*?(){}",
        "x",
        "-",
        ".",
        '"#/<>=`@:;%,!',
    ]
    return [
        case
        for characters in sets
        for lowercase in ((True, False) if "A-Z" in characters else (True,))
        for case in strings_of(make_op("tokenize", characters, lowercase), ragged=False)
    ]


def _regex_replace() -> list[Case]:
    words = ("<br />", "a<b c>d<e", "<<>>", "1a22b333", "aab", "a" * 300, "\u2028", "a\\b")
    pairs = [
        ("<br />", " "),
        ("<[^>]*>", ""),
        (r"\d+", "#"),
        (r"[\s]{2,3}", "_"),
        ("a?b", "\\"),
        ("[aeiou]", "İ"),
        ("[é-ю日]", "?"),
        ("[!-/:-@]+", ""),
        ("a{2,}b", "b"),
        (r"\.", ","),
    ]
    return [
        case
        for pair in pairs
        for case in strings_of(make_op("regex_replace", *pair), words=words, ragged=False)
    ]


def _tokenize_regex() -> list[Case]:
    words = ("<br />", "#tag #Tag2 ##", "a,b,,c", "a\x0bb\x0cc", "aab", "日本 語")
    patterns = [r"\S+", r"[\s\S]", r"\w+", "#[a-z]+", "[^,]{1,3}", "[日本a]", "ab?", r"a\w", r"[^\s!-/]+"]
    return [
        case
        for pattern in patterns
        for case in strings_of(make_op("tokenize_regex", pattern), words=words, ragged=False)
    ]


def _substring() -> list[Case]:
    parts = [(0, 1), (0, 1000), (1, 1), (3, 2), (39, 3), (500, 500)]
    return [case for part in parts for case in strings_of(make_op("substring", *part), ragged=part == (3, 2))]


def _join_strings() -> list[Case]:
    text, texts = column("string"), column("string", ragged=True)
    inputs = [("", (text,)), ("_X_", (text, text)), ("é\n", (texts, texts, texts))]
    return [Case(make_op("join_strings", separator), columns) for separator, columns in inputs]


def _split_text() -> list[Case]:
    return [
        case
        for classes in CLASSES
        for case in strings_of(make_op("split_text", *classes), words=SPACED, ragged=False)
    ]


CASES: dict[str, list[Case]] = {
    "as_string": [
        Case(make_op("as_string"), (column(t, ragged=r),)) for t in INTEGERS for r in (False, True)
    ],
    "hash_strings": [
        case
        for n, seed in [(1, 0), (2, 0), (7, 1), (2**31 - 1, 0), (2**31 - 1, 2**31 - 1)]
        for case in strings_of(make_op("hash_strings", n, seed))
    ],
    "join_strings": _join_strings(),
    "lower": strings_of(make_op("lower")),
    "regex_replace": _regex_replace(),
    "split_text": _split_text(),
    "string_length": strings_of(make_op("string_length")),
    "substring": _substring(),
    "tokenize": _tokenize(),
    "tokenize_regex": _tokenize_regex(),
    "upper": strings_of(make_op("upper")),
}
