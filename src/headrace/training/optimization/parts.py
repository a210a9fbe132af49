"""Parts of a model by name patterns: what is frozen, and what learns at another rate."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase

from torch import nn

from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = ["frozen_parts", "match_part", "training_modes"]


def match_part(name: str, pattern: str) -> bool:
    """Return whether a dotted name is that of a part, or inside it.

    Example:
        >>> match_part("features.0.weight", "features"), match_part("head.bias", "*.weight")
        (True, False)
    """
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def check_patterns(model: nn.Module, patterns: Iterable[str], option: str) -> None:
    """Check that each pattern names a parameter.

    Raises:
        UsageError: A pattern matches none.
    """
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    parts = [
        name for name, module in model.named_modules() if name and any(True for _ in module.parameters())
    ]
    for pattern in patterns:
        if not any(match_part(name, pattern) for name in names):
            hint = suggest(pattern, [*parts, *names])
            raise UsageError(f"{option}: no parameter of the model matches '{pattern}'", hint=hint)


@contextmanager
def frozen_parts(model: nn.Module, patterns: Sequence[str]) -> Generator[None]:
    """Freeze the parameters that patterns match inside a `with` block.

    Raises:
        UsageError: A pattern matches no parameter.
    """
    check_patterns(model, patterns, "freeze")
    named = model.named_parameters(remove_duplicate=False)
    frozen = {
        parameter: parameter.requires_grad
        for name, parameter in named
        if any(match_part(name, pattern) for pattern in patterns)
    }
    try:
        for parameter in frozen:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter, required in frozen.items():
            parameter.requires_grad_(required)


@contextmanager
def training_modes(model: nn.Module, frozen: Sequence[str] = ()) -> Generator[None]:
    """Put a model into training mode inside a `with` block, but for the layers that are frozen.

    Layers in evaluation mode inside a model in training mode stay in it, and so do batch norms of frozen
    parts, whose statistics would change otherwise. A model that is as a whole in evaluation mode is trained.
    """
    modes = {layer: layer.training for layer in model.modules()}
    kept = [layer for layer, is_training in modes.items() if model.training and not is_training]
    kept += [layer for name, layer in model.named_modules() if _is_frozen_norm(model, name, layer, frozen)]
    try:
        model.train()
        for layer in kept:
            layer.training = False
        yield
    finally:
        for layer, is_training in modes.items():
            layer.training = is_training


def _is_frozen_norm(model: nn.Module, name: str, layer: nn.Module, frozen: Sequence[str]) -> bool:
    """Return whether a layer keeps running statistics, and is frozen itself or part of what is."""
    if getattr(layer, "running_mean", None) is None:
        return False
    if any(match_part(f"{name}.running_mean", pattern) for pattern in frozen):
        return True
    while True:  # a norm without parameters is frozen if the part around it is
        parameters = list(model.get_submodule(name).parameters())
        if parameters or not name:
            return not any(parameter.requires_grad for parameter in parameters)
        name = name.rpartition(".")[0]
