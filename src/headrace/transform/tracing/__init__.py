"""Trace a preprocessing function into a graph."""

from headrace.transform.tracing.checked_call import check_arguments
from headrace.transform.tracing.column import (
    Column,
    align,
    apply,
    as_floats,
    cast_to,
    constant,
    promote,
    strings,
)
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
    "promote",
    "register_functions",
    "strings",
    "trace",
]
