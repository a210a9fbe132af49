"""Recipes: complete runs, from raw data to a verified model; built-in ones, and users' own files.

What runs a recipe loads on first use, so that finding and printing recipes stays light.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from headrace.recipes.find import BUILT_IN, find_recipe, read_recipe
from headrace.recipes.recipe import Recipe, Splits
from headrace.recipes.user_code import find_function, locate_errors

if TYPE_CHECKING:
    from headrace.recipes.run import Run, RunOptions, reopen
    from headrace.recipes.steps import execute, train_model, verify_model

__all__ = [
    "BUILT_IN",
    "Recipe",
    "Run",
    "RunOptions",
    "Splits",
    "execute",
    "find_function",
    "find_recipe",
    "locate_errors",
    "read_recipe",
    "reopen",
    "train_model",
    "verify_model",
]

_MODULES = {
    "Run": "headrace.recipes.run",
    "RunOptions": "headrace.recipes.run",
    "execute": "headrace.recipes.steps",
    "reopen": "headrace.recipes.run",
    "train_model": "headrace.recipes.steps",
    "verify_model": "headrace.recipes.steps",
}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(_import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'headrace.recipes' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
