"""Optional dependencies: what needs one that is missing says which extra to install."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from headrace.errors import DependencyError

__all__ = ["require"]


def require(*packages: str, extra: str, purpose: str) -> None:
    """Check that the packages of an extra are installed, without importing them.

    Args:
        packages: Import names, such as "torch".
        extra: The extra that installs them: `pip install 'headrace[EXTRA]'`.
        purpose: What needs them, as the start of a sentence: "headrace.training".

    Raises:
        DependencyError: A package is not installed.

    Example:
        >>> require("json", extra="train", purpose="this example")
        >>> require("no_such_package", extra="train", purpose="headrace.training")
        Traceback (most recent call last):
        ...
        headrace.errors.DependencyError: headrace.training needs no_such_package, which is not installed; \
run `pip install 'headrace[train]'`.
    """
    for package in packages:
        if not _is_installed(package):
            raise DependencyError(
                f"{purpose} needs {package}, which is not installed",
                hint=f"run `pip install 'headrace[{extra}]'`",
            )


def _is_installed(package: str) -> bool:
    if sys.modules.get(package) is not None:
        return True
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # blocked by an import hook, or by None in sys.modules
        return False
