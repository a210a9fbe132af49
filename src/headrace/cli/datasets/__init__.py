"""`headrace datasets`: list, prepare, check and show the data sets of the catalogue."""

from headrace.cli.datasets.commands import app

__all__ = ["app"]
