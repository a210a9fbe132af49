"""Keep pandas out of a command that has no frames.

Arrow imports pandas, where it is installed, to recognise frames among what it converts. That takes longer than
a prediction.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__ = ["hide_pandas"]


class _WithoutPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002
        if name == "pandas":
            raise ModuleNotFoundError("pandas is hidden", name=name)


def hide_pandas() -> None:
    """Let Arrow look for pandas once, and not find it; any other import finds it as before.

    Only for a process of our own: Arrow then takes a Series of pandas for any other sequence.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.nulls(1, pa.string()).to_numpy(zero_copy_only=False)
        pa.scalar(0)
    finally:
        sys.meta_path.remove(finder)
