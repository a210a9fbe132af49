"""Find the network that a file of weights belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from headrace.errors import ModelError, UsageError
from headrace.storage import local_target
from headrace.vision.models import ModelSpec, find_model, list_models
from headrace.vision.weights import WITHOUT_HEAD, adapt_channels, drop_head, find_matches, read_tensors

__all__ = ["IdentifiedWeights", "identify_weights"]

_SMALL = (32, 32)


class IdentifiedWeights(NamedTuple):
    """A network whose layers, all but the head, are those of a file.

    Attributes:
        spec: The network.
        input_size: A (height, width) of images that it fits: that of the network, or 32 x 32 pixels.
        naming: By which names.
    """

    spec: ModelSpec
    input_size: tuple[int, int]
    naming: str


def identify_weights(path: str | os.PathLike[str]) -> IdentifiedWeights:
    """Find the network of a file of weights, for `create_model(..., weights=path, head="new")`.

    Networks whose names are in that of the file are tried first, those with auxiliary classifiers last.

    Raises:
        ModelError: The file cannot be read, is not a file of weights, or fits no network.
    """
    path = local_target(path)
    sets = read_tensors(Path(path))
    for spec in _order(path.name.lower().replace("-", "_")):
        for size in dict.fromkeys((spec.input_size, _SMALL)):
            try:
                with torch.device("meta"):
                    model = spec.build(num_classes=2, in_channels=3, input_size=size)
            except UsageError:  # too small
                continue
            expected = drop_head(model.state_dict())
            adapt = partial(adapt_channels, expected=expected)
            best = find_matches(sets, expected, spec.namings, drop=WITHOUT_HEAD, adapt=adapt)[0]
            if not best.differences:
                return IdentifiedWeights(spec, size, best.naming)
    what = "weights of no network of the model zoo"
    raise ModelError(what, path=str(path), hint="see `headrace models list`, and hr.vision.create_model")


def _order(file: str) -> Iterator[ModelSpec]:
    def rank(name: str) -> tuple[bool, bool, int]:
        return (name not in file, name.endswith("_auxiliary"), -len(name))

    return map(find_model, sorted(list_models(), key=rank))
