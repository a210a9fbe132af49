"""ONNX building blocks for text: tokenize strings, change the tokens, join them again.

ONNX Runtime's `Tokenizer` returns an array without columns for a batch without rows or without a token. So
each batch gets one more row at its end, a witness: a string known to contain a token.
"""

from __future__ import annotations

from typing import Any

import ndonnx as ndx
import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op

__all__ = [
    "concat",
    "drop_witness",
    "find_runs",
    "flatten_tokens",
    "full_match",
    "join_tokens",
    "lower_case",
    "tokenize",
    "upper_case",
    "where",
]

Var = Any

_OPSETS = [onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid("com.microsoft", 1)]


def tokenize(strings: ndx.Array, pattern: str, witness: str) -> ndx.Array:
    """Find the tokens of each string that match `pattern` (longest match): [n + 1, tokens], padded by "".

    Args:
        strings: [n].
        pattern: A regular expression in RE2 syntax.
        witness: A string with a match; its tokens are the last row.
    """
    rows = ndx.concat([strings, ndx.asarray(np.array([witness]))])
    return ndx.asarray(_tokenizer(rows.unwrap_spox(), pattern))


def find_runs(strings: Var, pattern: str) -> Var:
    """Find the matches of `pattern` in strings [n]: [n, matches]; at least one must match."""
    return _tokenizer(strings, pattern)


def flatten_tokens(padded: ndx.Array) -> tuple[ndx.Array, ndx.Array]:
    """Concatenate the tokens of all rows [total], and count those of each row, int64 [rows]."""
    is_piece = padded != ""
    flat = op.reshape(is_piece.unwrap_spox(), op.const(np.array([-1])))
    pieces = op.compress(padded.unwrap_spox(), flat)
    return ndx.asarray(pieces), ndx.sum(ndx.astype(is_piece, ndx.int64), axis=1)


def join_tokens(pieces: ndx.Array) -> ndx.Array:
    """Join each row's tokens [rows, k] to one string [rows], pairwise until one is left."""
    out = op.loop(
        op.const(np.array([64])),
        op.const(np.array([True])),
        v_initial=[pieces.unwrap_spox()],
        body=lambda _round, _go_on, each: _join_pairs(each),
    )[0]
    return ndx.asarray(op.reshape(op.gather(out, op.const(np.array([0])), axis=1), op.const(np.array([-1]))))


def _join_pairs(pieces: Var) -> list[Var]:
    """Join neighbours: return whether more than one string per row is left, and [rows, (k + 1) / 2]."""
    one, two = op.const(np.array([1])), op.const(np.array([2]))
    rows = op.shape(pieces, start=0, end=1)
    half = op.div(op.add(op.shape(pieces, start=1, end=2), one), two)
    nothing = op.expand(op.const(np.array([[""]])), op.concat([rows, one], axis=0))
    even = op.slice(op.concat([pieces, nothing], axis=1), op.const(np.array([0])), op.mul(half, two), one)
    pairs = op.reshape(even, op.concat([rows, half, two], axis=0))
    left, right = (op.gather(pairs, op.const(np.array(side)), axis=2) for side in (0, 1))
    return [op.greater(half, one), op.string_concat(left, right)]


def full_match(strings: ndx.Array, pattern: str) -> ndx.Array:
    """Test whether `pattern` matches each whole string."""
    return ndx.asarray(op.regex_full_match(strings.unwrap_spox(), pattern=pattern))


def where(condition: ndx.Array, x: ndx.Array | str, y: ndx.Array | str) -> ndx.Array:
    """Select the strings of `x` where the condition holds, else those of `y`."""
    return ndx.where(condition, *(ndx.asarray(each) if isinstance(each, str) else each for each in (x, y)))


def concat(first: ndx.Array, second: ndx.Array) -> ndx.Array:
    """Concatenate the strings of `first` and `second`, elementwise."""
    return ndx.asarray(op.string_concat(first.unwrap_spox(), second.unwrap_spox()))


def drop_witness(strings: ndx.Array) -> ndx.Array:
    """Drop the last row, that of the witness."""
    return strings[:-1]


def lower_case(strings: ndx.Array) -> ndx.Array:
    """Convert ASCII strings [n] to lower case; runtimes disagree on other characters."""
    return ndx.asarray(op.string_normalizer(strings.unwrap_spox(), case_change_action="LOWER", locale="C"))


def upper_case(strings: ndx.Array) -> ndx.Array:
    """Convert ASCII strings [n] to upper case; runtimes disagree on other characters."""
    return ndx.asarray(op.string_normalizer(strings.unwrap_spox(), case_change_action="UPPER", locale="C"))


def _tokenizer(rows: Var, pattern: str) -> Var:
    node = onnx.helper.make_node(
        "Tokenizer", ["x"], ["y"], domain="com.microsoft",
        mark=0, mincharnum=1, pad_value="", tokenexp=pattern,
    )  # fmt: skip
    strings = onnx.TensorProto.STRING
    graph = onnx.helper.make_graph(
        [node],
        "tokenizer",
        [onnx.helper.make_tensor_value_info("x", strings, [None])],
        [onnx.helper.make_tensor_value_info("y", strings, [None, None])],
    )
    return spox.inline(onnx.helper.make_model(graph, opset_imports=_OPSETS, ir_version=10))(x=rows)["y"]
