"""Complete runs, from raw data to a verified model; built-in ones, and users' own files."""

from headrace.recipes.recipe import Recipe, Splits

__all__ = ["Recipe", "Splits"]
