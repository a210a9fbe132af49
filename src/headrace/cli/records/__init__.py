"""`headrace records`: inspect, convert, split and merge TFRecord files."""

from headrace.cli.records.commands import app

__all__ = ["app"]
