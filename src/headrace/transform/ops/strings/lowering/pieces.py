"""Split rows of text at spaces into one flat list of pieces, and order the words that are found in them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import spox.opset.ai.onnx.v21 as op

from headrace.transform.ops.strings.lowering.join import join_all

__all__ = ["MARK", "Pieces", "flatten", "place_words", "split_at_spaces"]

Var = Any

MARK = "\x1e\x1d"  # information separators, which end a row
_HAS_MARK = r"(?s).*\x{1e}\x{1d}.*"


class Pieces(NamedTuple):
    """The pieces of rows between spaces, row by row, and of one more row, an empty one; `MARK` ends each row.

    Attributes:
        strings: The pieces, among them empty ones: [a, b], of which only the order matters.
        is_padded: Whether each row of `strings` holds the pieces of one row, since these contain `MARK`
            themselves; else all rows are in one. A boolean.
        lengths: The number of pieces in each row of `strings`, the mark and an empty one last: int64 [a].
    """

    strings: Var
    is_padded: Var
    lengths: Var

    def find_ends(self, is_mark: Var) -> Var:
        """Tell which pieces are not a part of a row, but end it: bool [pieces].

        Args:
            is_mark: Whether a piece is `MARK`, bool [a, b].
        """
        zero, one = op.const(np.int64(0)), op.const(np.int64(1))
        width = op.reshape(op.shape(self.strings, start=1, end=2), op.const(np.array([], np.int64)))
        end = op.sub(op.unsqueeze(self.lengths, op.const(np.array([1]))), op.const(np.array([2])))
        is_end = op.or_(op.equal(op.range(zero, width, one), end), op.not_(self.is_padded))
        return flatten(op.and_(is_mark, is_end))


def split_at_spaces(rows: Var) -> Pieces:
    """Split rows [n] at spaces.

    The rows are joined to one string with a mark after each, since a tensor with a row of pieces for each
    text is as wide as the longest text. Only if a text contains the mark itself, they are split one by one.
    """
    rows = op.concat([rows, op.const(np.array([""]))], axis=0)
    has_mark = op.cast(op.regex_full_match(rows, pattern=_HAS_MARK), to=np.int64)
    is_padded = op.greater(op.reduce_max(has_mark, keepdims=0), op.const(np.int64(0)))
    marked = op.string_concat(rows, op.const(np.array([f" {MARK} "])))
    (texts,) = op.if_(
        is_padded, then_branch=lambda: [op.identity(marked)], else_branch=lambda: [join_all(marked)]
    )
    pieces, lengths = op.string_split(texts, delimiter=" ")
    return Pieces(pieces, is_padded, lengths)


def flatten(array: Var) -> Var:
    """Flatten an array of numbers; strings would be copied."""
    return op.reshape(array, op.const(np.array([-1])))


def place_words(counts: Var, ends: Var, at: Var) -> tuple[Var, Var, Var]:
    """Compute where the words of some pieces belong, in the order of all pieces.

    Args:
        counts: The number of words of each piece, int64 [pieces].
        ends: See `Pieces`.
        at: Some pieces, int64 [k], in the order in which their words are listed.

    Returns:
        The place of each word of the pieces `at`, the place of each piece's first word, and the row splits.
    """
    zero, last = op.const(np.array([0])), op.const(np.array([-1]))
    until = op.cumsum(counts, op.const(np.int64(0)))
    starts = op.sub(until, counts)
    row_ends = op.compress(until, ends)
    row_splits = op.concat([zero, op.slice(row_ends, zero, last, zero)], axis=0)

    own_counts = op.gather(counts, at)
    own_until = op.cumsum(own_counts, op.const(np.int64(0)))
    shifts = op.sub(op.gather(starts, at), op.sub(own_until, own_counts))
    total = op.reduce_sum(own_counts, keepdims=0)
    owners = _repeat_numbers(own_until, total)
    numbers = op.range(op.const(np.int64(0)), total, op.const(np.int64(1)))
    return op.add(numbers, op.gather(shifts, owners)), starts, row_splits


def _repeat_numbers(until: Var, total: Var) -> Var:
    """Repeat the number of each item as often as it has values, given the running total [items] of these."""
    one = op.const(np.array([1]))
    marks = op.scatter_elements(
        op.expand(op.const(np.array([0])), op.add(op.reshape(total, one), one)),
        until,
        op.expand(one, op.shape(until)),
        reduction="add",
    )
    numbers = op.cumsum(marks, op.const(np.int64(0)))
    return op.slice(numbers, op.const(np.array([0])), op.const(np.array([-1])), op.const(np.array([0])))
