"""C++ kernels over bytes: record framing, messages of `tf.train` parsed and encoded, text.

They release the GIL, check every length before they read, and take and give NumPy arrays.
"""

from __future__ import annotations

from headrace._native._kernels import (
    ExampleParser,
    ExampleSurvey,
    LocalRecords,
    SequenceParser,
    SequenceSurvey,
    WordCounts,
    WordIndex,
    crc32c,
    crc32c_portable,
    cut_bytes,
    encode_examples,
    encode_sequence_examples,
    find_buckets,
    find_header,
    frame,
    gather_frames,
    map_bytes,
    murmur3_32,
    order_of,
    read_tensor,
    room,
    scan_frames,
)

__all__ = [
    "ExampleParser",
    "ExampleSurvey",
    "LocalRecords",
    "SequenceParser",
    "SequenceSurvey",
    "WordCounts",
    "WordIndex",
    "crc32c",
    "crc32c_portable",
    "cut_bytes",
    "encode_examples",
    "encode_sequence_examples",
    "find_buckets",
    "find_header",
    "frame",
    "gather_frames",
    "map_bytes",
    "murmur3_32",
    "order_of",
    "read_tensor",
    "room",
    "scan_frames",
]
