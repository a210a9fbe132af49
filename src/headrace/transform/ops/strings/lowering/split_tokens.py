"""The ONNX form of splitting text into words."""

from __future__ import annotations

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.v21 as op

from headrace.columns import Ragged
from headrace.transform.ops.strings.lowering.join import find
from headrace.transform.ops.strings.lowering.pieces import MARK, flatten, place_words, split_at_spaces
from headrace.transform.ops.strings.lowering.words import Patterns, cut_pieces

__all__ = ["split_tokens"]


def split_tokens(rows: ndx.Array, patterns: Patterns) -> Ragged:
    """Split texts [n] into words at spaces and by `patterns`."""
    pieces = split_at_spaces(rows.unwrap_spox())
    ends = pieces.find_ends(op.equal(pieces.strings, op.const(np.array([MARK]))))
    is_empty = flatten(op.equal(pieces.strings, op.const(np.array([""]))))
    is_piece = op.not_(op.or_(is_empty, ends))
    examined = find(is_piece)
    words = cut_pieces(op.compress(pieces.strings, is_piece), patterns)
    at = op.gather(examined, words.at)
    nothing = op.expand(op.const(np.array([0])), op.shape(ends))
    counts = op.scatter_elements(nothing, at, words.counts)
    places, _, row_splits = place_words(counts, ends, at)
    zero, one = op.const(np.int64(0)), op.const(np.int64(1))
    numbers = op.range(zero, op.squeeze(op.shape(places)), one)
    order = op.scatter_elements(numbers, places, numbers)
    return Ragged(ndx.asarray(op.gather(words.strings, order)), ndx.asarray(row_splits))
