"""How much a token says, from how many documents it is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from headrace.errors import UsageError

__all__ = ["FORMULAS", "idf_weights"]

FORMULAS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "keras": lambda d, n: np.log(1 + n / (1 + d)),
    "smooth": lambda d, n: np.log((1 + n) / (1 + d)) + 1,
    "log_df": lambda d, n: 1 / np.log(np.maximum(d, 2)),  # noqa: ARG005 - all take both
}


def idf_weights(document_counts: Any, num_documents: float | None = None, idf: str = "keras") -> np.ndarray:
    """Inverse document frequencies, float64: what a lookup layer takes as `idf_weights`.

    Of n documents, d hold the token; logarithms are natural:

        "keras"    log(1 + n / (1 + d))            as `keras.layers.TextVectorization` adapts
        "smooth"   log((1 + n) / (1 + d)) + 1      as scikit-learn and TF Transform by default
        "log_df"   1 / log(d), d at least 2        needs no n

    Args:
        document_counts: For each token of a vocabulary, how many documents hold it.
        num_documents: How many documents there are.
        idf: The formula's name.

    Raises:
        UsageError: Another name, or a formula that needs the number of documents.

    Example:
        >>> from headrace.layers import idf_weights
        >>> idf_weights([200, 10, 100], idf="log_df").round(2)
        array([0.19, 0.43, 0.22])
    """
    if idf not in FORMULAS:
        raise UsageError(f"idf {idf!r}", hint=f"choose among {', '.join(FORMULAS)}")
    if num_documents is None and idf != "log_df":
        raise UsageError(f"idf {idf!r} needs the number of documents", hint="give num_documents")
    return FORMULAS[idf](np.asarray(document_counts, np.float64), num_documents or 0.0)
