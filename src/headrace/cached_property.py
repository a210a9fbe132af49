"""`functools.cached_property`, without the lock that it has before Python 3.12.

That lock is one for all instances of a class: where threads compute a value, and need the same property of
another instance for it, they wait for ever.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["cached_property"]

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - the name of the original
        """A property that is computed once for each instance; threads may compute it at the same time."""

        def __init__(self, function: Any) -> None:
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            values = vars(instance)
            if self._name not in values:
                values[self._name] = self._function(instance)
            return values[self._name]
