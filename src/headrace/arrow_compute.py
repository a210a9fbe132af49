"""Arrow's compute functions, which load on first use: loading them takes longer than a prediction.

    from headrace import arrow_compute as pc

stands for `import pyarrow.compute as pc` where a prediction of a row may need no compute function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyarrow.compute import MatchSubstringOptions, NullOptions, SetLookupOptions, call_function

__all__ = ["MatchSubstringOptions", "NullOptions", "SetLookupOptions", "call_function"]


def __getattr__(name: str) -> object:
    import pyarrow.compute as pc

    return getattr(pc, name)
