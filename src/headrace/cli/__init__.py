"""The command line: one module per command."""

from headrace.cli.main import main

__all__ = ["main"]
