"""The type of number in which columns, statistics and plain numbers meet: torch's rules.

Of booleans, integers and floats the highest category among the operands wins. Within it, what has one value
a row takes the lead over statistics and plain numbers, which take the type of the column they meet. A column
of integers that meets only such floats becomes float32.
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
    """The dtype in which nodes meet; see this module's head.

    Raises:
        TraceError: uint64 meets a signed integer type.
    """
    top = max(_category(node.type.dtype) for node in nodes)
    in_top = [node for node in nodes if _category(node.type.dtype) == top]
    leading = [node for node in in_top if node.per_row]
    if not leading and top == 2 and any(node.per_row for node in nodes):
        return "float32"
    dtype = str(np.result_type(*(node.type.dtype for node in leading or in_top)))
    if leading and top == 1 and dtype.startswith("float"):  # NumPy's answer to uint64 with a signed type
        types = " and ".join(str(node.type) for node in leading)
        raise TraceError(f"{types} have no integer type in common", hint="cast one of them")
    return dtype


def check_fits(node: Node, dtype: str) -> None:
    """A number written in the function must not wrap around on meeting a small integer type.

    Raises:
        TraceError: It would.
    """
    value = node.what.value if isinstance(node.what, Constant) else None
    if not isinstance(value, np.ndarray) or not dtype.startswith(("int", "uint")):
        return
    limits = np.iinfo(dtype)
    if value.size and (int(value.min()) < limits.min or int(value.max()) > limits.max):
        raise TraceError(f"{node} is no {dtype}", hint="cast the column to a wider type first")
