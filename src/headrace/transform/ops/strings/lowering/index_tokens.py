"""The ONNX form of splitting text into words and looking them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.ml.v4 as ml
import spox.opset.ai.onnx.v21 as op

from headrace.columns import Ragged
from headrace.transform.ops.strings.lowering.join import find
from headrace.transform.ops.strings.lowering.pieces import MARK, flatten, place_words, split_at_spaces
from headrace.transform.ops.strings.lowering.words import Patterns, cut_pieces

__all__ = ["index_tokens"]

_UNKNOWN, _NOTHING, _MARK = -1, -2, -3


def index_tokens(
    rows: ndx.Array,
    patterns: Patterns,
    shortcuts: Mapping[str, int | None],
    look_up: Callable[[ndx.Array], ndx.Array],
) -> Ragged:
    """Split texts [n] into words and look up the index of each.

    Args:
        rows: The texts.
        patterns: How words are found; spaces cut.
        shortcuts: The index, from 0, of frequent pieces of text between two spaces; None for a piece
            without a word.
        look_up: Computes the indices of words [n].
    """
    pieces = split_at_spaces(rows.unwrap_spox())
    known = {piece: _NOTHING if each is None else each for piece, each in shortcuts.items()}
    known |= {"": _NOTHING, MARK: _MARK}
    index = ml.label_encoder(
        pieces.strings,
        keys_strings=list(known),
        values_int64s=list(known.values()),
        default_int64=_UNKNOWN,
    )
    is_mark = op.equal(index, op.const(np.array([_MARK])))
    ends = pieces.find_ends(is_mark)
    is_unknown = op.or_(
        flatten(op.equal(index, op.const(np.array([_UNKNOWN])))),
        op.and_(flatten(is_mark), op.not_(ends)),  # a text that contains the mark
    )
    index = flatten(index)
    unknown = find(is_unknown)
    words = cut_pieces(op.compress(pieces.strings, is_unknown), patterns)
    at = op.gather(unknown, words.at)
    is_hit = op.greater(index, op.const(np.array([_UNKNOWN])))
    counts = op.scatter_elements(op.cast(is_hit, to=np.int64), at, words.counts)
    places, starts, row_splits = place_words(counts, ends, at)
    hits = op.compress(index, is_hit)
    values = op.concat([hits, look_up(ndx.asarray(words.strings)).unwrap_spox()], axis=0)
    places = op.concat([op.compress(starts, is_hit), places], axis=0)
    return Ragged(ndx.asarray(op.scatter_elements(values, places, values)), ndx.asarray(row_splits))
