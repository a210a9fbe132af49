"""Recipes: complete runs, from raw data to a verified model; built-in ones, and users' own files.

What runs a recipe loads on first use, so that finding and printing recipes stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use
from headrace.recipes.find import BUILT_IN, find_recipe, read_recipe
from headrace.recipes.recipe import Recipe, Splits
from headrace.recipes.user_code import find_function, import_file, locate_errors

if TYPE_CHECKING:
    from headrace.recipes.drafts import Draft, init
    from headrace.recipes.run import Run, RunOptions, reopen
    from headrace.recipes.steps import execute, train_model, verify_model

__all__ = [
    "BUILT_IN",
    "Draft",
    "Recipe",
    "Run",
    "RunOptions",
    "Splits",
    "execute",
    "find_function",
    "find_recipe",
    "import_file",
    "init",
    "locate_errors",
    "read_recipe",
    "reopen",
    "train_model",
    "verify_model",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "Draft": "drafts",
        "Run": "run",
        "RunOptions": "run",
        "execute": "steps",
        "init": "drafts",
        "reopen": "run",
        "train_model": "steps",
        "verify_model": "steps",
    },
)
