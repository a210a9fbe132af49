"""Finding recipes by name or by file."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path

from headrace.errors import UsageError
from headrace.recipes.recipe import Recipe
from headrace.recipes.user_code import find_modules_beside, import_file
from headrace.storage import read_bytes

__all__ = ["BUILT_IN", "digest_recipe", "find_recipe", "read_recipe"]

BUILT_IN = ("cifar10", "fashion_mnist", "housing", "movie_reviews")


def find_recipe(name: str) -> Recipe:
    """Find a built-in recipe by its name, or a user's by its Python file, which is executed.

    Args:
        name: The name of a built-in recipe, or the path of a Python file.

    Raises:
        UsageError: The recipe does not exist, or the file fails or does not define `recipe`.
    """
    if name in BUILT_IN:
        module = import_module(f"headrace.recipes.{name}")
    else:
        path = Path(name)
        if path.suffix != ".py" or not path.is_file():
            raise UsageError(
                f"unknown recipe '{name}'", hint=f"choose {', '.join(BUILT_IN)} or a Python file"
            )
        module = import_file(path)
    recipe = getattr(module, "recipe", None)
    if not isinstance(recipe, Recipe):
        raise UsageError(
            "the file does not define `recipe = hr.Recipe(...)`",
            path=name,
            hint="see `headrace run --print housing`",
        )
    return recipe


def read_recipe(name: str) -> str:
    """Read the source of a built-in recipe, for users to start their own from.

    Raises:
        UsageError: The name is not that of a built-in recipe.
    """
    if name not in BUILT_IN:
        raise UsageError(f"unknown built-in recipe '{name}'", hint=f"choose one of {', '.join(BUILT_IN)}")
    return Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")


def digest_recipe(name: str) -> str:
    """Return a short digest of a recipe: its source, and the modules beside a file that it imports.

    Raises:
        UsageError: A file cannot be read.
    """
    if name in BUILT_IN:
        return hashlib.blake2b(read_recipe(name).encode(), digest_size=8).hexdigest()
    digest = hashlib.blake2b(digest_size=8)
    for file in (Path(name), *find_modules_beside(Path(name))):
        digest.update(read_bytes(str(file)))
    return digest.hexdigest()
