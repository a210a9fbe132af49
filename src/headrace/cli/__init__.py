"""The command line, one module a verb."""

from headrace.cli.main import main

__all__ = ["main"]
