"""Where an analysis runs, one file an engine."""

from __future__ import annotations

from importlib import import_module

from headrace.errors import UsageError
from headrace.transform.engines.engine import Engine

__all__ = ["Engine", "find_engine"]

_KNOWN = {"local": "LocalEngine", "beam": "BeamEngine", "spark": "SparkEngine"}


def find_engine(engine: str | Engine) -> Engine:
    """The engine of this name with its default options, or the engine itself.

    Raises:
        UsageError: There is no such engine, or its package is not installed.
    """
    if not isinstance(engine, str):
        return engine
    if engine not in _KNOWN:
        raise UsageError(f"there is no engine '{engine}'", hint=f"choose one of {', '.join(_KNOWN)}")
    try:
        module = import_module(f"headrace.transform.engines.{engine}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the engine '{engine}' needs the package {error.name}",
            hint=f"pip install 'headrace[{engine}]'",
        ) from error
    return getattr(module, _KNOWN[engine])()
