"""Where an analysis runs, one file an engine."""

from headrace.transform.engines.engine import Engine
from headrace.transform.engines.find_engine import find_engine

__all__ = ["Engine", "find_engine"]
