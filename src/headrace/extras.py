"""Optional dependencies: what needs one that is missing says which extra to install."""

from __future__ import annotations

import sys
from importlib import import_module

from headrace.errors import DependencyError

__all__ = ["require"]


def require(*packages: str, extra: str, purpose: str) -> None:
    """Import the packages that an extra installs, or name the extra.

    Call it directly before the imports that need the packages. Once they are imported, a call costs a
    dictionary lookup each.

    Args:
        packages: Import names, such as "torch".
        extra: The extra that installs them: `pip install 'headrace[EXTRA]'`.
        purpose: What needs them, as the start of a sentence: "headrace.training".

    Raises:
        DependencyError: A package is not installed. A package that is installed but fails to import raises
            its own error.

    Example:
        >>> require("json", extra="train", purpose="this example")
        >>> require("no_such_package", extra="train", purpose="headrace.training")
        Traceback (most recent call last):
        ...
        headrace.errors.DependencyError: headrace.training needs no_such_package, which is not installed; \
run `pip install 'headrace[train]'`.
    """
    for package in packages:
        if sys.modules.get(package) is not None:
            continue
        try:
            import_module(package)
        except ImportError as error:
            if error.name is not None and error.name.partition(".")[0] != package.partition(".")[0]:
                raise
            raise DependencyError(
                f"{purpose} needs {package}, which is not installed",
                hint=f"run `pip install 'headrace[{extra}]'`",
            ) from error
