"""Row-wise ops between values and indices: vocabularies, lookup tables, one-hot vectors."""

from headrace import discovery
from headrace.transform.ops.vocabularies.apply_vocabulary import apply_vocabulary
from headrace.transform.ops.vocabularies.index_of import index_of
from headrace.transform.ops.vocabularies.lookup import isin, lookup
from headrace.transform.ops.vocabularies.one_hot import one_hot
from headrace.transform.ops.vocabularies.string_at import string_at

__all__ = [
    "apply_vocabulary",
    "index_of",
    "isin",
    "lookup",
    "one_hot",
    "string_at",
]

discovery.import_modules(__name__)
