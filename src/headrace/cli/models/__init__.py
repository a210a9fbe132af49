"""`headrace models`: list, show and draw models."""

from headrace.cli.models.commands import app

__all__ = ["app"]
