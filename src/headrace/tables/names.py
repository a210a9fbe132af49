"""Check the names of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from headrace.arguments import check_unicode
from headrace.errors import UsageError

__all__ = ["check_names"]


def check_names(names: Iterable[Any], remedy: str) -> None:
    """Check that names of columns are distinct strings.

    Args:
        names: The names.
        remedy: The code that renames columns, for the hint.

    Raises:
        UsageError: A name is not a string, or two columns have one name.
    """
    counts = Counter(list(names))
    wrong = next((name for name in counts if not isinstance(name, str)), "")
    if not isinstance(wrong, str):
        what = f"expected names of columns that are strings, got {wrong!r} ({type(wrong).__name__})"
        raise UsageError(what, hint=f"rename them: {remedy}")
    for name in counts:
        check_unicode(name, "the name of a column")
    repeated = next((name for name, count in counts.items() if count > 1), None)
    if repeated is not None:
        what = f"{counts[repeated]} columns have the name {repeated!r}"
        raise UsageError(what, hint=f"rename all but one: {remedy}")
