"""Match the tensors of a file with those of a model: names, shapes and types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Adapt", "Difference", "Match", "Naming", "Renamed", "Tensors", "find_matches", "rename_tensors"]

Naming = tuple[tuple[str, str], ...]
"""Regular expressions and replacements, applied in order, from another library's tensor names to Headrace's.

A tensor whose name becomes "" is dropped.
"""

Tensors = Mapping[str, Tensor]

OWN = "headrace"
# What torch.compile, FSDP and activation checkpointing put into the names, and AveragedModel's counter.
_WRAPPERS = re.compile(r"(?:^|(?<=\.))(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
_COUNTER = "n_averaged"


@dataclass(frozen=True)
class Difference:
    """A tensor that is not the model's.

    Attributes:
        name: Its name.
        what: What differs.
        cause: "name", "type", "layout" (the shape of a kernel in another order) or "shape".
    """

    name: str
    what: str
    cause: str

    def __str__(self) -> str:
        """Format the difference as a phrase."""
        return f"{self.name} {self.what}"


@dataclass(frozen=True)
class Match:
    """A reading of the tensors of a file by a naming.

    Attributes:
        key: The keys in the file that lead to the tensors; "" for the top level.
        naming: The naming by which they were renamed.
        tensors: The tensors, by Headrace's names.
        differences: What differs from the model.
        dropped: The tensors that the naming drops, by their names in the file.
        channels: How the first convolution was adapted; see `adapt_channels`.
    """

    key: str
    naming: str
    tensors: Tensors
    differences: list[Difference]
    dropped: tuple[str, ...] = ()
    channels: str = ""


Adapt = Callable[[Tensors], tuple[Tensors, str]]


def find_matches(
    sets: Mapping[str, Tensors],
    expected: Tensors,
    namings: Mapping[str, Naming],
    *,
    drop: Naming = (),
    adapt: Adapt | None = None,
) -> list[Match]:
    """Read every set of tensors by every naming, with and without the prefix that all names share.

    Args:
        sets: The sets of tensors of a file, by their keys in it.
        expected: The tensors of the model.
        namings: Other libraries' namings, beside that of Headrace.
        drop: The last rows of every naming.
        adapt: Adapts renamed tensors to the model, and says how.

    Returns:
        The readings, the one with the fewest differences first.
    """
    matches: list[Match] = []
    for key, found in sets.items():
        for named in _strip_prefixes(found):
            for by, naming in ({OWN: ()} | dict(namings)).items():
                renamed, collisions, dropped = rename_tensors(named, (*naming, *drop))
                tensors, channels = adapt(renamed) if adapt else (renamed, "")
                differences = [*collisions, *_find_differences(tensors, expected)]
                matches.append(Match(key, by, tensors, differences, dropped, channels))
    return sorted(matches, key=lambda match: len(match.differences))


def _strip_prefixes(tensors: Tensors) -> Iterator[Tensors]:
    """Yield the tensors by their names, then without one shared prefix after another: `module.`, `model.`."""
    named = {_WRAPPERS.sub("", name): tensor for name, tensor in tensors.items() if name != _COUNTER}
    parts = [name.split(".")[:-1] for name in named]
    shared = len(list(takewhile(lambda column: len(set(column)) == 1, zip(*parts, strict=False))))
    for depth in range(shared + 1):
        yield {".".join(name.split(".")[depth:]): tensor for name, tensor in named.items()}


class Renamed(NamedTuple):
    """Renamed tensors.

    Attributes:
        tensors: The tensors, by their new names.
        collisions: Those that another tensor took the name of.
        dropped: Those that the naming drops, by their old names.
    """

    tensors: Tensors
    collisions: list[Difference]
    dropped: tuple[str, ...]


def rename_tensors(tensors: Tensors, naming: Naming) -> Renamed:
    """Rename the tensors by a naming."""
    renamed: dict[str, Tensor] = {}
    collisions: list[Difference] = []
    dropped: list[str] = []
    for original, tensor in tensors.items():
        name = original
        for pattern, replacement in naming:
            name = re.sub(pattern, replacement, name)
        if name in renamed:
            collisions.append(Difference(original, "is stored twice", "name"))
        if name:
            renamed[name] = tensor
        else:
            dropped.append(original)
    return Renamed(renamed, collisions, tuple(dropped))


def _find_differences(found: Tensors, expected: Tensors) -> Iterator[Difference]:
    """Yield missing, unknown and unequal tensors; old files may lack the batch counters."""
    for name in expected:
        if name not in found and not name.endswith(".num_batches_tracked"):
            yield Difference(name, "is missing", "name")
    for name in found:
        if name not in expected:
            yield Difference(name, "is unknown", "name")
    for name, tensor in expected.items():
        if name in found:
            yield from _compare(name, found[name], tensor)


def _compare(name: str, found: Tensor, expected: Tensor) -> Iterator[Difference]:
    if not _has_same_elements(found.shape, expected.shape):
        permuted = found.ndim == 4 and sorted(found.shape) == sorted(expected.shape)
        what = f"has shape {list(found.shape)}, expected {list(expected.shape)}"
        yield Difference(name, what, "layout" if permuted else "shape")
    if found.is_meta and not expected.is_meta:
        yield Difference(name, "has no values", "type")
    if _kind(found) != _kind(expected) or found.is_quantized or found.layout != torch.strided:
        kind = str(found.dtype if found.layout == torch.strided else found.layout).removeprefix("torch.")
        what = f"has type {kind}, expected {str(expected.dtype).removeprefix('torch.')}"
        yield Difference(name, what, "type")


def _kind(tensor: Tensor) -> str:
    if tensor.is_complex():
        return "complex"
    return "float" if tensor.is_floating_point() else "bool" if tensor.dtype == torch.bool else "int"


def _has_same_elements(found: torch.Size, expected: torch.Size) -> bool:
    """Accept a dense layer as a convolution of one pixel, or of all pixels of a square, and the reverse.

    Kernels must be square, [out, in, h, h]: the elements of [out, h, w, in] have another order.
    """
    if found == expected:
        return True
    flat, kernel = sorted((found, expected), key=len)
    is_dense = len(flat) == 2 and len(kernel) == 4 and kernel[2] == kernel[3]
    return is_dense and flat[0] == kernel[0] and flat.numel() == kernel.numel()
