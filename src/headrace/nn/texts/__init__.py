"""The network for texts; its public names are in `headrace.nn`."""

from headrace.nn.texts.text_network import TextNetwork

__all__ = ["TextNetwork"]
