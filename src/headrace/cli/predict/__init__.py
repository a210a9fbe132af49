"""`headrace predict`: predict the rows of files with an exported model."""

from headrace.cli.predict.command import predict

__all__ = ["predict"]
