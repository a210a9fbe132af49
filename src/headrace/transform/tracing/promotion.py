"""Promote the dtypes of columns, statistics and plain numbers by torch's rules.

Of the categories boolean, integer and float, the highest among the operands wins. Within it, per-row columns
take precedence over statistics and plain numbers, which take the type of the column that they are combined
with. Integers combined with a statistic or plain number of float type become float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headrace.errors import TraceError
from headrace.transform.graph.graph import Constant, Node

__all__ = ["check_fits", "common_dtype"]


def _category(dtype: str) -> int:
    return 2 if dtype.startswith("float") else 0 if dtype == "bool" else 1


def common_dtype(nodes: Sequence[Node]) -> str:
    """Return the common dtype of nodes; see the module docstring.

    Raises:
        TraceError: A uint64 column is combined with a signed integer column.
    """
    highest = max(_category(node.type.dtype) for node in nodes)
    in_highest = [node for node in nodes if _category(node.type.dtype) == highest]
    leading = [node for node in in_highest if node.per_row]
    if not leading and highest == 2 and any(node.per_row for node in nodes):
        return "float32"
    dtype = str(np.result_type(*(node.type.dtype for node in leading or in_highest)))
    if (
        leading and highest == 1 and dtype.startswith("float")
    ):  # NumPy promotes uint64 with a signed type to float64
        types = " and ".join(str(node.type) for node in leading)
        raise TraceError(f"{types} have no common integer type", hint="cast one of them")
    return dtype


def check_fits(node: Node, dtype: str) -> None:
    """Check that a constant does not overflow an integer dtype.

    Raises:
        TraceError: It does.
    """
    value = node.what.value if isinstance(node.what, Constant) else None
    if not isinstance(value, np.ndarray) or not dtype.startswith(("int", "uint")):
        return
    limits = np.iinfo(dtype)
    if value.size and (int(value.min()) < limits.min or int(value.max()) > limits.max):
        raise TraceError(f"{node} does not fit {dtype}", hint="cast the column to a wider type first")
