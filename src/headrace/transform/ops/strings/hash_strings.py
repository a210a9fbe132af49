"""Hash strings into buckets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.arrow_buffers import get_buffers
from headrace.transform.tracing.column import Column, apply

__all__ = ["hash_strings"]


@dataclass(frozen=True)
class HashStrings(Op):
    """MurmurHash3 (x86, 32 bits) of the UTF-8 bytes, modulo the number of buckets."""

    arity = (1, 1)

    per_string = True
    buckets: int
    seed: int = 0

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string:
            raise TraceError(f"hash_strings expects strings, got {x}", hint="use bucketize for numbers")
        if not 0 < self.buckets < 2**31:
            raise TraceError(
                f"expected 1 to 2**31 - 1 buckets, got {self.buckets}", hint="choose a number in that range"
            )
        if not 0 <= self.seed < 2**31:
            raise TraceError(
                f"expected a seed from 0 to 2**31 - 1, got {self.seed}", hint="choose one in that range"
            )
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values), x.row_splits)
        hashes = _native.murmur3_32(*get_buffers(x), self.seed)
        return (hashes % np.uint32(self.buckets)).astype(np.int64)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values), x.row_splits)
        hashes = ndx.astype(ndx.asarray(_onnx_murmur(x.unwrap_spox(), self.seed)), ndx.int64)
        return hashes % ndx.asarray(np.int64(self.buckets))


def _onnx_murmur(strings: Any, seed: int) -> Any:
    import onnx
    import spox

    node = onnx.helper.make_node("MurmurHash3", ["x"], ["y"], domain="com.microsoft", positive=1, seed=seed)
    graph = onnx.helper.make_graph(
        [node],
        "murmur",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.STRING, [None])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.UINT32, [None])],
    )
    domains = [onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid("com.microsoft", 1)]
    return spox.inline(onnx.helper.make_model(graph, opset_imports=domains, ir_version=10))(x=strings)["y"]


def hash_strings(x: Column, buckets: int, *, seed: int = 0) -> Column:
    """Hash each string into a bucket by MurmurHash3: int64 in [0, buckets).

    The bucket of a string is the same in every runtime and every version.

    Args:
        x: A column of strings, ragged or not.
        buckets: The number of buckets, below 2**31.
        seed: The seed of the hash function. Strings that collide with one seed rarely do with another.

    Raises:
        TraceError: `x` does not hold strings, or a number is out of range.
    """
    return apply(HashStrings(buckets, seed), x)
