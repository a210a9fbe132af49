"""ONNX forms of ops that split text into tokens, for batches of any size.

A tensor of strings with a row per text is as wide as the longest text, and each op copies all of it. So
texts are joined, split at spaces into one flat list of pieces, and the characters of a piece are examined
only if it is not a word already.
"""

from headrace.transform.ops.strings.lowering.index_tokens import index_tokens
from headrace.transform.ops.strings.lowering.split_tokens import split_tokens
from headrace.transform.ops.strings.lowering.words import Patterns

__all__ = ["Patterns", "index_tokens", "split_tokens"]
