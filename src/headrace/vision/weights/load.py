"""Load the weights of a file into a model, or say what the file holds instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from headrace.arguments import show_value
from headrace.errors import ModelError, UsageError
from headrace.storage import local_target
from headrace.vision.weights.fine_tune import WITHOUT_HEAD, LoadedWeights, adapt_channels, drop_head
from headrace.vision.weights.match import Difference, Match, Naming, Tensors, find_matches
from headrace.vision.weights.read import read_tensors

__all__ = ["find_arguments", "load_weights"]

# Sizes of images that published weights were trained with, for `find_arguments`.
_MOST_GROUPS = 12  # first parts of names that a wrapper of networks has
_LONGEST = 100  # characters of a list of names
_SIDES = (32, 28, 64, 96, 128, 160, 192, 224, 227, 256, 299)


def load_weights(
    model: nn.Module,
    path: str | os.PathLike[str],
    namings: Mapping[str, Naming],
    explain: Callable[[Tensors], tuple[str, str] | None] | None = None,
    *,
    new_head: bool = False,
) -> LoadedWeights:
    """Copy a file's weights into a model.

    Args:
        model: The model, changed in place.
        path: A safetensors file, or a file written by `torch.save`, under any suffix: a state dict, or one
            in dicts, such as {"model_state_dict": ...}. Prefixes that all names share (`module.`, `model.`)
            and those of torch.compile are dropped. Only tensors are read; no code in the file is executed.
        namings: Other libraries' namings, tried in order after the model's own names.
        explain: Finds the message and the hint for tensors, by Headrace's names, that do not match the
            model, or None for the list of differences.
        new_head: Leave the output layer and the auxiliary classifiers as they are, and adapt the first
            convolution to the channels of the model; see `adapt_channels`.

    Raises:
        UsageError: `path` is not a path, or the model has no layer named `output`.
        ModelError: The file cannot be read, is not a file of weights, holds several that match, or matches
            the model under none of the namings.
    """
    if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
        hint = "pass the path of a file, or load a state dict by model.load_state_dict"
        raise UsageError(f"weights: expected a path, got {show_value(path)}", hint=hint)
    path = str(local_target(path))
    sets = read_tensors(Path(path))
    whole = model.state_dict()
    expected = drop_head(whole) if new_head else whole
    if new_head and len(expected) == len(whole):
        what = "head='new': the model has no layer named 'output'"
        raise UsageError(what, hint="name its last layer 'output', or load a state dict by yourself")
    find = partial(
        find_matches,
        expected=expected,
        namings=namings,
        drop=WITHOUT_HEAD if new_head else (),
        adapt=partial(adapt_channels, expected=expected) if new_head else None,
    )
    matches = find(sets)
    best = matches[0]
    if best.differences:
        known = _explain_content(sets[best.key], find) or (explain and explain(best.tensors))
        what, hint = known or _explain_differences(best, len(expected))
        raise ModelError(what, path=str(path), hint=hint)
    _check_single(matches, str(path))
    model.load_state_dict(
        {n: best.tensors[n].reshape(t.shape) if n in best.tensors else t for n, t in whole.items()}
    )
    new = tuple(name for name in whole if name not in expected)
    return LoadedWeights(best.naming, new, best.dropped, best.channels)


def _explain_content(
    found: Tensors, find: Callable[[Mapping[str, Tensors]], list[Match]]
) -> tuple[str, str] | None:
    """Explain files that hold more than the weights of a model."""
    if any(name.startswith("model/") for name in found):
        hint = "load best.safetensors or last.safetensors of the same folder"
        return "expected weights, got a checkpoint of a training", hint
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in found.items():
        groups.setdefault(name.split(".")[0], {})[name] = tensor
    if not 1 < len(groups) <= _MOST_GROUPS:
        return None
    fitting = [key for key, each in groups.items() if not find({"": each})[0].differences]
    if not fitting:
        return None
    others = ", ".join(name for name in found if name.split(".")[0] != fitting[0])
    shown = others if len(others) <= _LONGEST else f"{others[:_LONGEST]}..."
    what = f"tensors beside those of the model, which are under '{fitting[0]}.': {shown}"
    if len(fitting) > 1:
        what = f"the file holds several weights of this model: {', '.join(fitting)}"
    return what, f"save the tensors under '{fitting[0]}.' in a file of their own"


def _explain_differences(best: Match, count: int) -> tuple[str, str]:
    differences = best.differences
    shown = ", ".join(map(str, differences[:3])) + (", ..." if len(differences) > 3 else "")
    what = f"{len(differences)} of {count} tensors differ ({shown})"
    causes = {each.cause for each in differences}
    if causes == {"type"}:
        return f"expected real numbers in every tensor: {what}", "save floating-point weights"
    if not drop_head({each.name: torch.empty(0) for each in differences}):
        return f"weights of another head: {what}", "pass head='new' to fine-tune them"
    if "layout" in causes and causes <= {"layout", "shape"}:
        return f"kernels in another layout: {what}", "transpose them to [out, in, height, width]"
    return (
        f"weights of a different model: by the names of {best.naming}, {what}",
        "create the model that was saved, with its num_classes, in_channels and input_size",
    )


def _check_single(matches: list[Match], path: str) -> None:
    """Check that a file does not hold several sets of weights, such as averages beside the weights.

    Raises:
        ModelError: Several match, and are not equal.
    """
    best, *others = [match for match in matches if not match.differences]
    different = [
        other for other in others if other.key != best.key and not _equal(other.tensors, best.tensors)
    ]
    if different:
        keys = dict.fromkeys(match.key for match in (best, *different))
        raise ModelError(
            f"the file holds several weights of this model: {', '.join(keys)}",
            path=path,
            hint=f"choose one: torch.save(torch.load(path)[{next(iter(keys))!r}], 'weights.pth')",
        )


def _equal(first: Tensors, second: Tensors) -> bool:
    return first.keys() == second.keys() and all(torch.equal(t, second[name]) for name, t in first.items())


def find_arguments(
    build: Callable[..., nn.Module],
    arguments: Mapping[str, Any],
    tensors: Tensors,
    usual_size: tuple[int, int],
    *,
    new_head: bool = False,
) -> dict[str, Any] | None:
    """Find the arguments with which a builder makes the model of some weights.

    Args:
        build: A builder of models, called with `num_classes`, `in_channels` and `input_size`.
        arguments: The arguments with which the weights do not match.
        tensors: The weights, by Headrace's names.
        usual_size: The (height, width) of images to try first.
        new_head: Whether the weights are without those of the head.

    Returns:
        The arguments that differ, with None for an unknown `input_size`; None if none are found.
    """
    expected = _build_on_meta(build, arguments, new_head)
    shapes = {name: tensors[name].shape for name in expected if name in tensors}
    kernels = (name for name in shapes if expected[name].ndim == 4 and not name.startswith("auxiliary."))
    kernel = shapes.get(next(kernels, ""), ())
    output = next((shapes[name] for name in ("output.weight", "output.codes") if name in shapes), ())
    found = dict(arguments)
    if len(output) == 2:
        found["num_classes"] = output[0]
    if len(kernel) == 4:
        found["in_channels"] = kernel[1]
    by_size: list[Difference] = []
    for size in dict.fromkeys([arguments["input_size"], usual_size, *((side, side) for side in _SIDES)]):
        try:
            expected = _build_on_meta(build, {**found, "input_size": size}, new_head)
        except UsageError:  # too small
            continue
        by_size = find_matches({"": tensors}, expected, {})[0].differences
        if not by_size:
            found["input_size"] = size
            break
    else:  # only a dense layer after maps of another size
        if not all(each.cause == "shape" and expected[each.name].ndim == 2 for each in by_size):
            return None
        found["input_size"] = None
    return {name: value for name, value in found.items() if value != arguments[name]} or None


def _build_on_meta(build: Callable[..., nn.Module], arguments: Mapping[str, Any], new_head: bool) -> Tensors:
    with torch.device("meta"):
        built = build(**arguments).state_dict()
    return drop_head(built) if new_head else built
