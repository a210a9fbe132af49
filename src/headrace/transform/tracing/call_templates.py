"""Templates of calls: the nodes that a call created for a column are repeated for other columns of its type.

A preprocessing function often makes the same call for each of thousands of columns. The ops that the call
applies almost always depend on the types of its columns and on its other arguments only. Where two calls
create the same nodes, these serve as a template of all later calls.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from headrace.columns import ColumnType
from headrace.source_line import user_line
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall, current_call
from headrace.transform.graph.deduplicate import identify
from headrace.transform.graph.graph import Constant, Input, Node, topological_sort
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column

__all__ = ["call_by_template", "inside_trace"]

_PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class _Step:
    """A node of a template; its inputs are positions among the input columns, then the steps."""

    what: Op | Analyzer | Constant
    inputs: tuple[int, ...]
    type: ColumnType
    per_row: bool
    call: int | None


@dataclass(frozen=True)
class _Template:
    """The nodes that a call creates, of which the last is its result."""

    steps: Sequence[_Step]
    calls: Sequence[CompositeCall]

    def describe(self) -> list[tuple[Any, ...]]:
        """List what templates of the same nodes have in common."""
        return [(identify(each.what, each.type), each.inputs, each.per_row, each.call) for each in self.steps]

    def apply(self, inputs: Sequence[Node]) -> Column:
        line, nodes = user_line(), [*inputs]
        calls = [CompositeCall(call.name, call.parameters) for call in self.calls]
        for step in self.steps:
            sources = tuple([nodes[place] for place in step.inputs])
            call = None if step.call is None else calls[step.call]
            nodes.append(Node(step.what, sources, step.type, step.per_row, line, call))
        return Column(nodes[-1])


@dataclass
class _Calls:
    """The calls of a trace.

    Attributes:
        first: The template of the first call of each kind; None if it cannot be one, or the second differed.
        confirmed: The templates that a second call has confirmed.
    """

    first: dict[Any, _Template | None] = field(default_factory=dict[Any, "_Template | None"])
    confirmed: dict[Any, _Template] = field(default_factory=dict[Any, _Template])


_calls: ContextVar[_Calls | None] = ContextVar("calls", default=None)


@contextmanager
def inside_trace() -> Generator[None]:
    """Keep the templates of calls inside the block: of one trace, in which files do not change."""
    token = _calls.set(_Calls())
    try:
        yield
    finally:
        _calls.reset(token)


def call_by_template(function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Call a function, or repeat what it did to columns of the same types.

    Only calls on columns of the data, whose other arguments are numbers, strings and None, are repeated.
    """
    calls, inputs = _calls.get(), dict[Node, int]()
    key = None if calls is None or current_call() else _find_key(function, args, options, inputs)
    if calls is None or key is None:
        return function(*args, **options)
    if key in calls.confirmed:
        return calls.confirmed[key].apply(list(inputs))
    result = function(*args, **options)
    template = _make_template(result.node, inputs) if isinstance(result, Column) else None
    if key not in calls.first:
        calls.first[key] = template
    elif template is not None and (first := calls.first[key]) is not None:
        if template.describe() == first.describe():
            calls.confirmed[key] = template
        else:
            calls.first[key] = None  # a parameter of a node depends on the name of a column
    return result


def _find_key(
    function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any], inputs: dict[Node, int]
) -> Any:
    """Return what determines the nodes of a call, or None if more may; number its columns in `inputs`."""
    key: list[Any] = [function, *options]
    for value in (*args, *options.values()):
        if type(value) is Column and isinstance(value.node.what, Input):
            key.append((inputs.setdefault(value.node, len(inputs)), value.node.type))
        elif type(value) in _PLAIN:
            key.append(repr(value))  # tells 1 from True, and 0.0 from -0.0
        else:
            return None
    return tuple(key) if inputs else None


def _make_template(result: Node, inputs: Mapping[Node, int]) -> _Template | None:
    places = dict(inputs)
    calls: dict[CompositeCall, int] = {}
    steps: list[_Step] = []
    for node in topological_sort([result], known=inputs):
        if isinstance(node.what, Input):
            return None
        sources = tuple(places[each] for each in node.inputs)
        call = None if node.call is None else calls.setdefault(node.call, len(calls))
        steps.append(_Step(node.what, sources, node.type, node.per_row, call))
        places[node] = len(places)
    return _Template(steps, list(calls)) if steps else None
