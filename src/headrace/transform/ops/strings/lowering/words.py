"""Cut pieces of text into words, by the class of each character."""

from __future__ import annotations

from typing import Any, NamedTuple

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.v21 as op

from headrace.transform.ops.strings import onnx_text as text
from headrace.transform.ops.strings.lowering.join import find, join_all, join_groups

__all__ = ["Patterns", "Words", "cut_pieces"]

Var = Any

_ASCII = r"[\x{0}-\x{7f}]+"


class Patterns(NamedTuple):
    """How words are found, as regular expressions of RE2.

    Attributes:
        word: Matches texts that are one word and stay unchanged.
        runs: Matches a space, and runs of characters of one class.
        cuts: Matches runs that cut words, other than a space; "" without any, and if words have one run.
        witness: A text that is one word, of several runs if words are joined.
        joins: Whether a word can consist of several runs.
        case: "lower" or "upper" to convert ASCII letters, or "".
        is_ascii: Whether words are ASCII; else each run is ASCII or has no ASCII, if the case changes, since
            runtimes disagree on the case of other letters.
    """

    word: str
    runs: str
    cuts: str
    witness: str
    joins: bool
    case: str
    is_ascii: bool


class Words(NamedTuple):
    """The words of pieces, piece by piece.

    Attributes:
        strings: The words [words].
        at: The pieces in the order in which their words are listed, int64 [pieces].
        counts: The number of words of each of these, int64 [pieces].
    """

    strings: Var
    at: Var
    counts: Var


def cut_pieces(pieces: Var, patterns: Patterns) -> Words:
    """Cut pieces [n] without spaces into words; first those that are words as they stand, then the others."""
    is_word = op.regex_full_match(pieces, pattern=patterns.word)
    whole, others = find(is_word), find(op.not_(is_word))
    words, counts = _cut(op.gather(pieces, others), patterns)
    ones = op.expand(op.const(np.array([1])), op.shape(whole))
    return Words(
        op.concat([op.gather(pieces, whole), words], axis=0),
        op.concat([whole, others], axis=0),
        op.concat([ones, counts], axis=0),
    )


def _cut(pieces: Var, patterns: Patterns) -> tuple[Var, Var]:
    """Cut pieces [n] into words; return these and their number in each piece.

    The pieces are joined to one string, and runs of characters of a class are found in it: a tensor with a
    row of runs for each piece would be as wide as the longest piece. A witness, one more piece that is a
    word, keeps the lists of runs and words from being empty.
    """
    pieces = op.concat([pieces, op.const(np.array([patterns.witness]))], axis=0)
    joined = join_all(op.string_concat(pieces, op.const(np.array([" "]))))
    runs = op.reshape(text.find_runs(joined, patterns.runs), op.const(np.array([-1])))
    is_space = op.equal(runs, op.const(np.array([" "])))
    is_cut = op.or_(is_space, op.regex_full_match(runs, pattern=patterns.cuts)) if patterns.cuts else is_space
    is_content = op.not_(is_cut)
    strings = _change_case(op.compress(runs, is_content), patterns)
    if not patterns.joins:
        return _drop_witness(strings), _count_per_piece(is_content, is_space)
    is_first = op.and_(is_content, _is_after(is_cut))
    words = _join_runs(strings, op.compress(is_first, is_content))
    return _drop_witness(words), _count_per_piece(is_first, is_space)


def _join_runs(runs: Var, is_first: Var) -> Var:
    """Join the runs of each word, given which runs [n] are the first of a word; most words have one run."""
    zero, one = op.const(np.int64(0)), op.const(np.int64(1))
    firsts = find(is_first)
    word = op.sub(op.cumsum(op.cast(is_first, to=np.int64), zero), one)
    position = op.sub(op.range(zero, op.squeeze(op.shape(word)), one), op.gather(firsts, word))
    size = op.shape(runs)
    has_several = op.sub(
        op.concat([op.slice(firsts, op.const(np.array([1])), size, op.const(np.array([0]))), size], axis=0),
        firsts,
    )
    has_several = op.greater(has_several, one)
    is_joined = op.gather(has_several, word)
    joined = join_groups(op.compress(runs, is_joined), op.compress(position, is_joined))
    return op.scatter_elements(op.compress(runs, is_first), find(has_several), joined)


def _is_after(condition: Var) -> Var:
    """Tell of each place [n] whether the condition holds at the place before; true of the first."""
    zero, last = op.const(np.array([0])), op.const(np.array([-1]))
    return op.concat([op.const(np.array([True])), op.slice(condition, zero, last, zero)], axis=0)


def _count_per_piece(counted: Var, is_space: Var) -> Var:
    """Count the runs of each piece that are counted, without those of the witness: int64 [pieces]."""
    zero, last = op.const(np.array([0])), op.const(np.array([-1]))
    until = op.cumsum(op.cast(counted, to=np.int64), op.const(np.int64(0)))
    until = _drop_witness(op.compress(until, is_space))
    return op.sub(until, op.slice(op.concat([zero, until], axis=0), zero, last, zero))


def _drop_witness(values: Var) -> Var:
    zero, last = op.const(np.array([0])), op.const(np.array([-1]))
    return op.slice(values, zero, last, zero)


def _change_case(strings: Var, patterns: Patterns) -> Var:
    if not patterns.case:
        return strings
    change = text.lower_case if patterns.case == "lower" else text.upper_case
    if patterns.is_ascii:
        return change(ndx.asarray(strings)).unwrap_spox()
    is_ascii = op.regex_full_match(strings, pattern=_ASCII)
    ascii_only = op.where(is_ascii, strings, op.const(np.array([""])))
    return op.where(is_ascii, change(ndx.asarray(ascii_only)).unwrap_spox(), strings)
