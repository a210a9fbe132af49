"""`Example`, `SequenceExample` and `TensorProto` messages: one at a time, and in batches."""

from __future__ import annotations

from headrace.records.messages.batch_encoder import BatchEncoder, EncodableBatch
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.messages.example import decode_example, encode_example
from headrace.records.messages.sequence_example import decode_sequence_example, encode_sequence_example
from headrace.records.messages.tensor_columns import decode_tensors, encode_tensors
from headrace.records.messages.tensor_proto import decode_tensor, encode_tensor

__all__ = [
    "BatchEncoder",
    "BatchParser",
    "EncodableBatch",
    "decode_example",
    "decode_sequence_example",
    "decode_tensor",
    "decode_tensors",
    "encode_example",
    "encode_sequence_example",
    "encode_tensor",
    "encode_tensors",
]
