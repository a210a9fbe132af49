"""C++ kernels over bytes: record framing, `tf.train.Example` parsing and encoding, text.

They release the GIL, check every length before they read, and take and give NumPy arrays.
"""

from __future__ import annotations

from headrace._native._kernels import murmur3_32, tokenize

__all__ = ["murmur3_32", "tokenize"]
