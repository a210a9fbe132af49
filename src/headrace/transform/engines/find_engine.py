"""Find an engine by its name, importing its package only then."""

from __future__ import annotations

from importlib import import_module

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.transform.engines.engine import Engine

__all__ = ["find_engine"]

_CLASSES = {"local": "LocalEngine", "beam": "BeamEngine", "spark": "SparkEngine"}


def find_engine(engine: str | Engine) -> Engine:
    """Return the engine of this name with its default options, or `engine` itself if it is one.

    Raises:
        UsageError: The name is unknown, or the engine's package is not installed.
    """
    if not isinstance(engine, str):
        if hasattr(engine, "run"):
            return engine
        what = f"engine: expected a name or an engine, got {show_value(engine)}"
        raise UsageError(what, hint=f"choose one of {', '.join(_CLASSES)}")
    if engine not in _CLASSES:
        raise UsageError(f"unknown engine '{engine}'", hint=f"choose one of {', '.join(_CLASSES)}")
    try:
        module = import_module(f"headrace.transform.engines.{engine}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the engine '{engine}' needs the package {error.name}",
            hint=f"pip install 'headrace[{engine}]'",
        ) from error
    return getattr(module, _CLASSES[engine])()
