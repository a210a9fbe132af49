"""Inverse document frequencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from headrace.arguments import check_choice, check_number, show_value
from headrace.errors import UsageError

__all__ = ["FORMULAS", "idf_weights"]

FORMULAS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "keras": lambda d, n: np.log(1 + n / (1 + d)),
    "smooth": lambda d, n: np.log((1 + n) / (1 + d)) + 1,
    "log_df": lambda d, n: 1 / np.log(np.maximum(d, 2)),  # noqa: ARG005 - all formulas have both arguments
}


def idf_weights(document_counts: Any, num_documents: float | None = None, idf: str = "keras") -> np.ndarray:
    """Compute inverse document frequencies, float64, for the `idf_weights` of lookup layers.

    d of n documents contain the token; logarithms are natural:

        "keras"    log(1 + n / (1 + d))            as `keras.layers.TextVectorization` adapts
        "smooth"   log((1 + n) / (1 + d)) + 1      the default of scikit-learn and TF Transform
        "log_df"   1 / log(d), d at least 2        does not need n

    Args:
        document_counts: Number of documents that contain each token of a vocabulary.
        num_documents: Number of documents.
        idf: Name of the formula.

    Raises:
        UsageError: The formula is unknown, or needs the number of documents.

    Example:
        >>> from headrace.layers import idf_weights
        >>> idf_weights([200, 10, 100], idf="log_df").round(2)
        array([0.19, 0.43, 0.22])
    """
    check_choice(idf, "idf", FORMULAS)
    if num_documents is not None:
        num_documents = check_number(num_documents, "num_documents", least=0)
    if num_documents is None and idf != "log_df":
        raise UsageError(f"idf {idf!r} needs the number of documents", hint="pass num_documents")
    try:
        counts = np.asarray(document_counts, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        what = f"document_counts: expected numbers, got {show_value(document_counts)}"
        raise UsageError(what, hint="pass the number of documents of each token") from error
    return FORMULAS[idf](counts, num_documents or 0.0)
