"""`headrace run`: run a recipe, from raw data to a verified model."""

from headrace.cli.run.command import run

__all__ = ["run"]
