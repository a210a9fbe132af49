"""The flags of training options, derived from `hr.training.Options`: its fields, types and documentation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

import typer

from headrace.errors import UsageError
from headrace.training import Options  # loads no torch

__all__ = ["add_training_flags"]

# The annotation of a field to the type of its flag; fields of other types, such as functions, have no flag.
_TYPES: Mapping[str, Any] = {
    **{name: kind for kind in (int, float, str, bool) for name in (kind.__name__, f"{kind.__name__} | None")},
    "Sequence[str]": list[str],
    "Mapping[str, float]": list[str],
    "ClassWeight | None": list[str],
    "LabelScale": float,
}
_NUMBERS_BY_NAME = ("Mapping[str, float]", "ClassWeight | None")
_PANEL = "Training options"


def add_training_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a flag for each training option that a command line can write.

    Args:
        command: Called with the chosen options by name as `training`, beside its own arguments.
    """
    flags = {field.name: str(field.type) for field in fields(Options) if str(field.type) in _TYPES}
    texts = _read_documentation()

    def run(**arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in flags}
        training = {name: _parse(value, name, flags[name]) for name, value in given.items() if _is_set(value)}
        command(**arguments, training=training)

    own = inspect.signature(command).parameters
    hints = get_type_hints(command, include_extras=True)
    annotations = {name: hints[name] for name in own if name != "training"}
    parameters = [own[name] for name in annotations]
    for name, kind in flags.items():
        option = typer.Option(help=texts.get(name), rich_help_panel=_PANEL, show_default=False)
        annotations[name] = Annotated[_TYPES[kind] | None, option]
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None))
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    run.__name__, run.__doc__, run.__annotations__ = command.__name__, command.__doc__, annotations
    signature = inspect.Signature([each.replace(annotation=annotations[each.name]) for each in parameters])
    vars(run)["__signature__"] = signature
    return run


def _is_set(value: Any) -> bool:
    return value is not None and value != []


def _parse(value: Any, name: str, kind: str) -> Any:
    if kind == "Sequence[str]":
        return [part for each in value for part in each.split(",") if part]
    if kind not in _NUMBERS_BY_NAME:
        return value
    if value == ["balanced"]:
        return value[0]
    return dict(_parse_number(each, name) for each in value)


def _parse_number(text: str, name: str) -> tuple[str, float]:
    key, _, number = text.rpartition("=")
    flag = "--" + name.replace("_", "-")
    try:
        return (key, float(number)) if key else _fail(flag, text)
    except ValueError:
        return _fail(flag, text)


def _fail(flag: str, text: str) -> tuple[str, float]:
    raise UsageError(
        f"{flag}: expected NAME=NUMBER, got '{text}'", hint=f"pass {flag} NAME=NUMBER, once a name"
    )


def _read_documentation() -> dict[str, str]:
    """Read the first sentence about each option."""
    text = inspect.getdoc(Options) or ""
    _, _, attributes = text.partition("Attributes:\n")
    found: Sequence[tuple[str, str]] = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    return {name: _first_sentence(" ".join(about.split())) for name, about in found}


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.;:]) (?=[A-Z{]|None)|; ", text)[0]
    return sentence.replace("`", "").rstrip(".;:") + "."
