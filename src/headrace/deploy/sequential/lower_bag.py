"""The sum of a row's embeddings over the root of its length, by blocks of words, as `BagOfEmbeddings`."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op

from headrace.deploy.refuse_negative import BEYOND

__all__ = ["lower_bag"]

_BLOCK = 16
_FEW_WORDS = 256  # of a table, such as characters: a row's counts of all of them take little memory


def lower_bag(words: Any, splits: Any, weight: Any) -> Any:
    """Lower the encoding of ragged words to float32 [rows, size].

    A word below 0 is an error of the runtime, as in torch; `op.gather` alone counts it from the end.

    Sums of whole blocks are differences of prefix sums in float64; the other words are added one by one.

    Args:
        words: Word numbers, int64 [total].
        splits: Row offsets, int64 [rows + 1].
        weight: The embeddings, float32 [words, size].
    """
    count = weight.unwrap_tensor().shape[0]
    if isinstance(count, int) and count <= _FEW_WORDS:
        return _divide(_multiply_counts(words, splits, weight, count), splits)
    words = op.where(op.less(words, op.const(np.int64(0))), op.const(BEYOND), words)
    starts = op.slice(splits, _ints(0), _ints(-1), _ints(0))
    ends = op.slice(splits, _ints(1), _ints(np.iinfo(np.int64).max), _ints(0))
    missing = op.sub(_ints(_BLOCK), op.mod(op.shape(words), _ints(_BLOCK)))
    padded = op.pad(words, op.concat([_ints(0), missing], axis=0), op.const(np.int64(0)))
    blocks = op.reshape(padded, _ints(-1, _BLOCK))
    sums = op.cast(op.reduce_sum(op.gather(weight, blocks), _ints(1), keepdims=0), to=np.float64)
    prefix = op.pad(op.cumsum(sums, op.const(np.int64(0))), _ints(1, 0, 0, 0), op.const(np.float64(0)))
    first = op.div(op.add(starts, _ints(_BLOCK - 1)), _ints(_BLOCK))
    last = op.max([op.div(ends, _ints(_BLOCK)), first])
    whole = op.sub(op.gather(prefix, last), op.gather(prefix, first))
    before = _list_words(starts, op.min([ends, op.mul(first, _ints(_BLOCK))]))
    after = _list_words(op.mul(last, _ints(_BLOCK)), ends)
    places, is_inside = (op.concat([*pair], axis=1) for pair in zip(before, after, strict=True))
    outer = op.gather(weight, op.gather(padded, op.mul(places, op.cast(is_inside, to=np.int64))))
    mask = op.unsqueeze(op.cast(is_inside, to=np.float32), _ints(1))
    return _divide(
        op.add(op.cast(whole, to=np.float32), op.squeeze(op.matmul(mask, outer), _ints(1))), splits
    )


def _divide(total: Any, splits: Any) -> Any:
    """Divide the sums by the roots of the lengths."""
    ends = op.slice(splits, _ints(1), _ints(np.iinfo(np.int64).max), _ints(0))
    starts = op.slice(splits, _ints(0), _ints(-1), _ints(0))
    lengths = op.cast(op.max([op.sub(ends, starts), _ints(1)]), to=np.float32)
    return op.div(total, op.unsqueeze(op.sqrt(lengths), _ints(1)))


def _multiply_counts(words: Any, splits: Any, weight: Any, count: int) -> Any:
    """Multiply how often a row has each word by the embeddings: the sums, without one of them per word."""
    zero, one = op.const(np.int64(0)), op.const(np.int64(1))
    is_known = op.and_(op.greater_or_equal(words, zero), op.less(words, op.const(np.int64(count))))
    words = op.where(is_known, words, op.const(BEYOND))
    inner = op.slice(splits, _ints(1), _ints(-1), _ints(0))
    marks = op.scatter_elements(
        op.expand(zero, op.add(op.shape(words), _ints(1))),
        inner,
        op.expand(one, op.shape(inner)),
        reduction="add",
    )
    row = op.slice(op.cumsum(marks, zero), _ints(0), op.shape(words), _ints(0))
    rows = op.sub(op.shape(splits), _ints(1))
    counts = op.scatter_elements(
        op.expand(op.const(np.float32(0)), op.mul(rows, _ints(count))),
        op.add(op.mul(row, op.const(np.int64(count))), words),
        op.expand(op.const(np.float32(1)), op.shape(words)),
        reduction="add",
    )
    return op.matmul(op.reshape(counts, _ints(-1, count)), weight)


def _list_words(start: Any, end: Any) -> tuple[Any, Any]:
    """Return the places of the block of words from `start` on, [rows, 16], and which are before `end`."""
    places = op.add(op.unsqueeze(start, _ints(1)), op.const(np.arange(_BLOCK)))
    return places, op.less(places, op.unsqueeze(end, _ints(1)))


def _ints(*values: int) -> Any:
    return op.const(np.array(values, np.int64))
