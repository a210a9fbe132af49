"""Trace a preprocessing function into a graph."""

from headrace.transform.tracing.checked_call import check_arguments
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to, constant, strings
from headrace.transform.tracing.operators import align, hold_exactly, promote, subtract_exactly
from headrace.transform.tracing.symbolic_value import register_functions
from headrace.transform.tracing.trace import trace

__all__ = [
    "Column",
    "align",
    "apply",
    "as_floats",
    "cast_to",
    "check_arguments",
    "constant",
    "hold_exactly",
    "promote",
    "register_functions",
    "strings",
    "subtract_exactly",
    "trace",
]
