"""C++ kernels over bytes: record framing, `tf.train.Example` parsing and encoding, text.

They release the GIL, check every length before they read, and take and give NumPy arrays.
"""

from __future__ import annotations

from headrace._native._kernels import (
    ExampleParser,
    ExampleSurvey,
    crc32c,
    crc32c_portable,
    encode_examples,
    frame,
    murmur3_32,
    read_tensor,
    scan_frames,
    tokenize,
)

__all__ = [
    "ExampleParser",
    "ExampleSurvey",
    "crc32c",
    "crc32c_portable",
    "encode_examples",
    "frame",
    "murmur3_32",
    "read_tensor",
    "scan_frames",
    "tokenize",
]
