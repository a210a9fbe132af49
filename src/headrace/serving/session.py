"""Sessions of ONNX Runtime for a predictor: their options, inputs checked in linear time, and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnxruntime

__all__ = ["SHRINK", "Session", "make_options"]

_MANY_ROWS = 100  # which take longer than changing the handler of a signal does
_FATAL = 4  # the log level of ONNX Runtime; what is less becomes an exception, which is not logged, too


class Session(onnxruntime.InferenceSession):
    """A session for models of thousands of inputs, and for Ctrl-C in a run.

    Before each run, ONNX Runtime looks each input up in the list of the names that are fed, which takes
    time that grows with the square of the inputs; this session looks it up in a set.

    ONNX Runtime converts a string by a function of Python that also handles signals, and crashes if their
    handler raises; this session handles Ctrl-C after the run.
    """

    def run(
        self, output_names: Sequence[str] | None, input_feed: dict[Any, Any], run_options: Any = None
    ) -> Any:
        """Run the model; Ctrl-C amid many rows raises `KeyboardInterrupt` at the end."""
        rows = next((len(each) for each in input_feed.values() if np.ndim(each)), 0)
        if rows < _MANY_ROWS or not _raises_in_this_thread():
            return super().run(output_names, input_feed, run_options)
        interrupts: list[int] = []
        signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
        try:
            return super().run(output_names, input_feed, run_options)
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if interrupts:
                raise KeyboardInterrupt

    def _validate_input(self, feed_input_names: Iterable[str]) -> None:
        super()._validate_input(set(feed_input_names))


def _raises_in_this_thread() -> bool:
    """Return whether Ctrl-C raises `KeyboardInterrupt` here."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def make_options(threads: int | None) -> onnxruntime.SessionOptions:
    """Make the options of a session.

    Args:
        threads: Threads of one prediction; None uses one per core.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    if threads is not None:
        options.intra_op_num_threads = threads
    # Threads that wait for work by spinning take the CPU from what reads and writes the rows.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _make_shrinking() -> onnxruntime.RunOptions:
    """Make the options that free what a run took from the arena."""
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


SHRINK = _make_shrinking()
