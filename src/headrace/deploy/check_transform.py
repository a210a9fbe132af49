"""The check of the argument `transform`."""

from __future__ import annotations

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.transform import Transform

__all__ = ["check_transform"]


def check_transform(transform: object) -> Transform:
    """Return a transform.

    Raises:
        UsageError: `transform` is not a transform.
    """
    if not isinstance(transform, Transform):
        hint = (
            "load it: hr.Transform.load(path)" if isinstance(transform, str) else "pass the result of analyze"
        )
        raise UsageError(f"transform: expected a Transform, got {show_value(transform)}", hint=hint)
    return transform
