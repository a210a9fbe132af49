"""Row-wise ops on lists (ragged columns)."""

from headrace import discovery
from headrace.transform.ops.lists.count_vector import count_vector, multi_hot
from headrace.transform.ops.lists.deduplicate_per_row import deduplicate_per_row, term_frequency
from headrace.transform.ops.lists.join_lists import join_lists
from headrace.transform.ops.lists.ngrams import ngrams
from headrace.transform.ops.lists.row_length import row_length, word_count
from headrace.transform.ops.lists.segment_indices import segment_indices
from headrace.transform.ops.lists.to_dense import to_dense
from headrace.transform.ops.lists.to_lists import to_lists

__all__ = [
    "count_vector",
    "deduplicate_per_row",
    "join_lists",
    "multi_hot",
    "ngrams",
    "row_length",
    "segment_indices",
    "term_frequency",
    "to_dense",
    "to_lists",
    "word_count",
]

discovery.import_modules(__name__, skip=["onnx_ragged"])
