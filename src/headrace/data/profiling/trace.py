"""Chrome's trace format: what ran when, on which thread.

"Trace Event Format" (Google, 2016): complete events ("X") with microseconds, counters ("C"), names of threads
("M").
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headrace.data.profiling.meters import Span
from headrace.errors import UsageError
from headrace.storage import write_bytes

__all__ = ["list_events", "write_trace"]

_MOST_NAME = 80  # characters
_PROCESS = 1


Fills = Mapping[str, Sequence[tuple[float, int]]]


def write_trace(path: Path, spans: Sequence[Span], threads: Mapping[int, str], fills: Fills) -> None:
    """Write a trace as JSON, compressed if the name ends with .gz.

    Args:
        path: The file.
        spans: Pieces of work.
        threads: The name of each thread.
        fills: Queue to moments and the batches in it then.

    Raises:
        UsageError: The folder does not exist.
    """
    if not path.parent.is_dir():
        raise UsageError("the folder does not exist", path=str(path.parent), hint="create it")
    content = {"displayTimeUnit": "ms", "traceEvents": list_events(spans, threads, fills)}
    data = json.dumps(content, separators=(",", ":")).encode()
    write_bytes(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def list_events(spans: Sequence[Span], threads: Mapping[int, str], fills: Fills) -> list[dict[str, Any]]:
    """List the events of the trace; times count from the first one."""
    start = min((span.start for span in spans), default=0.0)
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": _PROCESS, "name": "process_name", "args": {"name": "headrace input"}}
    ]
    for thread, name in threads.items():
        events.append(
            {"ph": "M", "pid": _PROCESS, "tid": thread, "name": "thread_name", "args": {"name": name}}
        )
    for span in sorted(spans, key=lambda span: span.start):
        events.append(
            {
                "ph": "X",
                "pid": _PROCESS,
                "tid": span.thread,
                "name": span.name[:_MOST_NAME],
                "cat": "input",
                "ts": round((span.start - start) * 1e6, 1),
                "dur": round(span.seconds * 1e6, 1),
            }
        )
    for name, noted in fills.items():
        for moment, batches in noted:
            if moment >= start:
                ts = round((moment - start) * 1e6, 1)
                arguments = {"batches": max(batches, 0)}
                events.append({"ph": "C", "pid": _PROCESS, "name": name, "ts": ts, "args": arguments})
    return events
