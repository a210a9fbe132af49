"""What the result of each step of a run depends on: settings of the user, and parts of the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from headrace.data.identity import identify

if TYPE_CHECKING:
    from headrace.recipes.recipe import Recipe
    from headrace.training import Options

__all__ = ["StepInputs", "compare_inputs", "describe_inputs", "may_continue"]

StepInputs = Mapping[str, Any]
"""Settings by name, as JSON values; a value that JSON cannot hold is "code " and a digest of it."""

_CODE = "code "
# A training may be continued with other ones; `fit` has the last word.
_CHANGEABLE = frozenset({"epochs", "patience", "choose_threshold", "calibrate"})
# Where and how often a training runs and is saved does not decide what it computes.
_NOT_INPUTS = frozenset({"device", "compile", "checkpoint_seconds", "logger", "profile", "rank_timeout"})


def describe_inputs(recipe: Recipe, options: Mapping[str, Any], training: Options) -> dict[str, StepInputs]:
    """Describe what each step depends on, apart from the results of the steps before it.

    Args:
        recipe: The recipe; its functions are identified by all that they reach, not by their text.
        options: The options of the user, as `RunOptions.to_json` returns them.
        training: The training options of the run.
    """
    chosen = {name: options[name] for name in ("recipe", "data_dir", "shards")}
    preprocess = _identify(recipe.preprocess)  # records hold the columns that it reads
    records = {**chosen, "seed": training.seed, "load": _identify(recipe.load), "preprocess": preprocess}
    names = [field.name for field in fields(training) if field.name not in _NOT_INPUTS]
    settings = {name: _to_json(getattr(training, name)) for name in names}
    label = _to_json(recipe.label)
    network = {
        "model": options["model"],
        "build_model": _identify(recipe.build_model),
        "initialise": _to_json(recipe.initialise),
    }
    return {
        "records": records,
        "analyze": {"preprocess": preprocess},
        "train": {**network, "label": label, **settings},
        "export": {"head": _identify(recipe.head), "units": _to_json(recipe.units)},
        "verify": {},
        "report": {"image": recipe.image},
    }


def compare_inputs(old: StepInputs, new: StepInputs) -> list[str]:
    """List the settings that differ: "learning_rate: 0.003 -> 0.01", or "`load` has changed" for code."""
    return [_describe_change(name, old.get(name), new.get(name)) for name in _list_changes(old, new)]


def may_continue(old: StepInputs, new: StepInputs) -> bool:
    """Return whether a training is only asked for more epochs, more patience, or what is fitted after it."""
    if not _CHANGEABLE.issuperset(_list_changes(old, new)):
        return False
    if not _is_no_more(old.get("epochs"), new["epochs"]):
        return False
    return new["patience"] is None or _is_no_more(old.get("patience"), new["patience"])


def _is_no_more(old: object, new: object) -> bool:
    """Compare numbers; a damaged journal may hold something else."""
    return isinstance(old, int) and isinstance(new, int) and old <= new


def _list_changes(old: StepInputs, new: StepInputs) -> list[str]:
    defaults = _read_defaults()  # of options that an earlier version did not have
    return [name for name in {**old, **new} if old.get(name, defaults.get(name)) != new.get(name)]


def _read_defaults() -> dict[str, Any]:
    from headrace.training import Options

    return {field.name: _to_json(getattr(Options(), field.name)) for field in fields(Options)}


def _describe_change(name: str, old: Any, new: Any) -> str:
    is_code = [isinstance(value, str) and value.startswith(_CODE) for value in (old, new)]
    return f"`{name}` has changed" if any(is_code) else f"{name}: {old} -> {new}"


def _to_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_to_json(each) for each in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _to_json(each) for name, each in value.items()}
    return _identify(value)


def _identify(value: Any) -> str:
    return _CODE + identify(value)[0].hex()
