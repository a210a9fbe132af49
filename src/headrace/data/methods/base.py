"""What the mixins of a dataset's methods need of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from headrace.data.pipeline import Stage

__all__ = ["StageMethods"]


class StageMethods:
    """Methods that return a dataset with one more stage."""

    @abstractmethod
    def apply(self, stage: Stage) -> Self:
        """Append a stage."""
