"""What went wrong on a worker, told here as the error it was there."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

from headrace import errors
from headrace.errors import HeadraceError

__all__ = ["told"]


@contextmanager
def told() -> Generator[None]:
    """An engine's error that reports one of ours, from a worker's traceback, is raised as ours.

    Raises:
        HeadraceError: A worker raised it.
    """
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        found = re.search(r"headrace\.errors\.(\w+Error): ([^\n]+)", str(error))
        kind = getattr(errors, found[1], None) if found else None
        if found is None or not (isinstance(kind, type) and issubclass(kind, HeadraceError)):
            raise
        raise kind(found[2].split(" [while running")[0]) from error
