"""Recipes by name or by file."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path
from types import ModuleType

from headrace.errors import UsageError
from headrace.recipes.recipe import Recipe
from headrace.recipes.user_code import execute

__all__ = ["BUILT_IN", "find_recipe", "recipe_digest", "recipe_source"]

BUILT_IN = ("cifar10", "fashion_mnist", "housing", "movie_reviews")


def find_recipe(name: str) -> Recipe:
    """The recipe of a built-in name, or of a user's Python file (an absolute path), which is executed.

    Raises:
        UsageError: There is no such recipe, or the file fails or defines no `recipe`.
    """
    module = import_module(f"headrace.recipes.{name}") if name in BUILT_IN else _execute(Path(name))
    recipe = getattr(module, "recipe", None)
    if not isinstance(recipe, Recipe):
        raise UsageError(
            "the file defines no `recipe = hr.Recipe(...)`",
            path=name,
            hint="see `headrace run --print housing`",
        )
    return recipe


def recipe_source(name: str) -> str:
    """The text of a built-in recipe, to start one's own from.

    Raises:
        UsageError: There is no built-in recipe of that name.
    """
    if name not in BUILT_IN:
        raise UsageError(f"there is no built-in recipe '{name}'", hint=f"choose among {', '.join(BUILT_IN)}")
    return Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")


def recipe_digest(name: str) -> str:
    """A short digest of a recipe's text, built-in or a file: another text, another digest."""
    text = recipe_source(name) if name in BUILT_IN else Path(name).read_text(encoding="utf-8")
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _execute(path: Path) -> ModuleType:
    if path.suffix != ".py" or not path.is_file():
        raise UsageError(f"there is no recipe '{path}'", hint=f"name {', '.join(BUILT_IN)} or a Python file")
    return execute(path)
