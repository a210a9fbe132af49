"""Hashing of strings and integers into bins, without a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from headrace.arguments import check_integer, is_number, show_value
from headrace.errors import TraceError, UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import check_mode, encode
from headrace.transform import as_string, cast, hash_strings, reshape, to_dense, to_lists, where
from headrace.transform.tracing import Column

__all__ = ["Hashing"]


class Hashing(PreprocessingLayer):
    """Hashes each string or integer into a bin, like `keras.layers.Hashing`.

    The hash function is MurmurHash3 (x86, 32 bits) of the UTF-8 bytes, which every ONNX runtime supports.
    Keras uses FarmHash64 and, with a salt, SipHash64. The bins therefore differ from Keras's, with the same
    uniform distribution. Numbers are hashed as decimals, floats without their fraction, as in Keras.

    Args:
        num_bins: Number of bins, including the bin of the mask.
        mask_value: A string or number whose bin is 0; the bins of all others start at 1.
        salt: One or two integers; each salt selects a different hash function.
        output_mode: "int", "one_hot", "multi_hot" or "count"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: `num_bins` is below 1, `output_mode` is unknown, or `salt` has another type.

    Example:
        >>> from headrace.layers import Hashing
        >>> Hashing(num_bins=3, mask_value="")(["A", "B", "", "C"])
        array([1, 1, 0, 2])
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: str | float | None = None,
        salt: int | tuple[int, int] | None = None,
        output_mode: str = "int",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.num_bins = check_integer(num_bins, "num_bins", 1)
        if not (mask_value is None or isinstance(mask_value, str) or is_number(mask_value)):
            what = f"mask_value: expected a string or a number, got {show_value(mask_value)}"
            raise UsageError(what, hint="pass the value whose bin is 0, or None")
        self.mask_value, self.salt = mask_value, salt
        self.output_mode = check_mode(output_mode)
        self._seed = _seed(salt)

    def call(self, x: Column) -> Column:
        """See the class."""
        masked = self.mask_value is not None and self.num_bins > 1
        bins = _hash(x, self.num_bins - masked, self._seed)
        if masked:
            bins = where(self._is_mask(x), 0, bins + 1)
        return encode(bins, self.num_bins, self.output_mode)

    def _is_mask(self, x: Column) -> Column:
        mask = self.mask_value
        assert mask is not None
        if isinstance(mask, str) != x.type.is_string:
            what = f"expected a mask_value of type {x.type}, got {mask!r}"
            raise TraceError(what, hint="pass a value of the column's type")
        return x == mask


def _seed(salt: int | tuple[int, int] | None) -> int:
    """Derive the hash function's seed, from 0 to 2**31 - 1."""
    if isinstance(salt, str) or (isinstance(salt, Sequence) and not 1 <= len(salt) <= 2):
        raise UsageError(
            f"salt: expected one or two integers, got {show_value(salt)}", hint="pass 1 or (1, 2)"
        )
    parts = (0,) if salt is None else tuple(salt) if isinstance(salt, Sequence) else (salt,)
    first, second = (*(check_integer(part, "salt") for part in parts), 0)[:2]
    return (first + second * 1_000_003) % 2**31


def _hash(x: Column, bins: int, seed: int) -> Column:
    if x.type.is_string:
        return hash_strings(x, bins, seed=seed)
    integers = x if x.type.is_integer else cast(x, "int64")
    shape = integers.type.shape
    if not shape:
        return hash_strings(as_string(integers), bins, seed=seed)
    lists = hash_strings(as_string(to_lists(integers)), bins, seed=seed)
    return reshape(to_dense(lists, prod(shape)), shape)
