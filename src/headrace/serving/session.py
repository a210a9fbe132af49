"""Sessions of ONNX Runtime for a predictor: their options, and inputs checked in linear time."""

from __future__ import annotations

from collections.abc import Iterable

import onnxruntime

__all__ = ["SHRINK", "Session", "make_options"]

_FATAL = 4  # the log level of ONNX Runtime; what is less becomes an exception, which is not logged, too


class Session(onnxruntime.InferenceSession):
    """A session for models of thousands of inputs.

    Before each run, ONNX Runtime looks each input up in the list of the names that are fed, which takes
    time that grows with the square of the inputs; this session looks it up in a set.
    """

    def _validate_input(self, feed_input_names: Iterable[str]) -> None:
        super()._validate_input(set(feed_input_names))


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
