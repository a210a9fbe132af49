"""Recipes: complete runs, from raw data to a verified model; built-in ones, and users' own files."""

from headrace.recipes.find import BUILT_IN, find_recipe, read_recipe
from headrace.recipes.recipe import Recipe, Splits
from headrace.recipes.run import Run, RunOptions, reopen
from headrace.recipes.steps import execute, train_model, verify_model
from headrace.recipes.user_code import find_function, locate_errors

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
