"""Text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.column import Column, apply
from headrace.transform.op import Op
from headrace.transform.ops.strings import buffers, from_buffers

__all__ = ["tokenize"]


@dataclass(frozen=True)
class Tokenize(Op):
    """The longest runs of token characters; A to Z in lower case, if `lowercase`.

    Token characters are ASCII. Runtimes disagree on lower-casing other letters (ONNX Runtime makes of 'İ' one
    thing in Python and another in a browser), so text is cut first, and only ASCII letters are lower-cased.
    """

    characters: str = "A-Za-z0-9'"
    lowercase: bool = True

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(
                f"tokenize takes one string a row, and {x} came in", way_out="pass a text column"
            )
        if not _is_set(self.characters):
            raise TraceError(
                f"token characters {self.characters!r}",
                way_out="use ASCII characters and ranges such as A-Za-z0-9, no brackets or carets",
            )
        return replace(x, ragged=True)

    def evaluate(self, *values: Any) -> Any:
        offsets, data = buffers(values[0])
        table = _byte_table(self.characters)
        token_data, token_offsets, row_splits = _native.tokenize(offsets, data, table, self.lowercase)
        return Ragged(from_buffers(token_offsets, token_data), row_splits)

    def lower(self, *values: Any) -> Any:
        # ONNX Runtime's string kernels refuse empty tensors: one row of one token goes through with the rest.
        import ndonnx as ndx

        (x,) = values
        witness = chr(int(np.flatnonzero(_byte_table(self.characters))[0]))
        rows = ndx.concat([x, ndx.asarray(np.array([witness]))])
        padded = ndx.asarray(_onnx_tokens(rows.unwrap_spox(), self.characters))
        is_token = padded != ""
        lengths = ndx.sum(ndx.astype(is_token, ndx.int64), axis=1)
        values_ = _onnx_compress(padded, is_token)
        if self.lowercase:
            values_ = _onnx_lower(values_)
        splits = ndx.concat([ndx.asarray(np.zeros(1, np.int64)), ndx.cumulative_sum(lengths)[:-1]])
        return Ragged(ndx.asarray(values_)[:-1], splits)


def _is_set(characters: str) -> bool:
    """Whether `[characters]` is a set of printable ASCII characters to regular expressions everywhere."""
    if not re.fullmatch(r"[ -~]+", characters) or re.search(r"[\[\]\\^&~|]|--", characters):
        return False
    try:
        re.compile(f"[{characters}]")
    except re.error:
        return False
    return True


def _byte_table(characters: str) -> np.ndarray:
    pattern = re.compile(f"[{characters}]")
    return np.array([byte < 128 and bool(pattern.match(chr(byte))) for byte in range(256)], np.uint8)


def _onnx_tokens(rows: Any, characters: str) -> Any:
    """Strings [rows] to tokens [rows, longest], padded with empty strings."""
    import onnx
    import spox

    node = onnx.helper.make_node(
        "Tokenizer", ["x"], ["y"], domain="com.microsoft",
        mark=0, mincharnum=1, pad_value="", tokenexp=f"[{characters}]+",
    )  # fmt: skip
    strings = onnx.TensorProto.STRING
    graph = onnx.helper.make_graph(
        [node],
        "tokenizer",
        [onnx.helper.make_tensor_value_info("x", strings, [None])],
        [onnx.helper.make_tensor_value_info("y", strings, [None, None])],
    )
    domains = [onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid("com.microsoft", 1)]
    return spox.inline(onnx.helper.make_model(graph, opset_imports=domains, ir_version=10))(x=rows)["y"]


def _onnx_compress(padded: Any, keep: Any) -> Any:
    import spox.opset.ai.onnx.v21 as op

    flat = op.reshape(keep.unwrap_spox(), op.const(np.array([-1])))
    return op.compress(padded.unwrap_spox(), flat)


def _onnx_lower(strings: Any) -> Any:
    import spox.opset.ai.onnx.v21 as op

    return op.string_normalizer(strings, case_change_action="LOWER", locale="C")


def tokenize(x: Column, *, characters: str = "A-Za-z0-9'", lowercase: bool = True) -> Column:
    """The tokens of each text, a ragged column of strings: the longest runs of `characters`.

    Args:
        x: A column of strings.
        characters: Printable ASCII characters and ranges, as between the brackets of a regular expression.
        lowercase: Whether A to Z become a to z.
    """
    return apply(Tokenize(characters, lowercase), x)
