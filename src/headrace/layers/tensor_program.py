"""The graph of a layer as a program for tensors: ordered once, with constants computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import array_api_compat.torch as array_api
import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.transform.graph import Constant, ElementwiseOp, Graph, Input, interpret, topological_sort

__all__ = ["OnnxArrays", "TensorProgram", "check_traceable"]

_Step = tuple[Callable[..., Any], tuple[int, ...]]  # a function, and the places of its inputs


class OnnxArrays:
    """Torch's functions of the Array API standard, by operations that `torch.onnx.export` converts."""

    def __getattr__(self, name: str) -> Any:
        return getattr(array_api, name)

    def searchsorted(self, rising: Tensor, x: Tensor, side: str = "left") -> Tensor:
        """Count the values of `rising` below x, or with "right" at or below x."""
        x = x.unsqueeze(-1)
        return (x >= rising if side == "right" else x > rising).sum(-1)

    def argsort(self, x: Tensor) -> Tensor:
        """Return the order of distinct values."""
        return torch.topk(x, x.shape[0], largest=False).indices


class TensorProgram:
    """Computes the output "y" of a graph of elementwise ops from tensors.

    Args:
        graph: The graph.
        names: The input columns, in the order of the tensors.
        read_constant: Returns a constant as a tensor.
        sources: The tensors that `read_constant` reads, to notice that they change.
        arrays: The functions that compute, by the Array API standard; None is torch's own, and native kernels
            where an op has one.
    """

    def __init__(
        self,
        graph: Graph,
        names: Sequence[str],
        read_constant: Callable[[Constant], Tensor],
        sources: Sequence[Tensor],
        arrays: Any = None,
    ) -> None:
        output = graph.outputs["y"]
        nodes = topological_sort([output])
        varying = {node for node in nodes if isinstance(node.what, Input)}
        for node in nodes:
            if any(each in varying for each in node.inputs):
                varying.add(node)
        used = {each for node in nodes if node in varying for each in node.inputs} | {output}
        with torch.no_grad():
            fixed = interpret(
                [node for node in nodes if node in used and node not in varying],
                read_input=lambda name: name,
                read_constant=read_constant,
                apply_op=lambda _, op, inputs: op.evaluate(*inputs),
            )
        places = {node: len(names) + number for number, node in enumerate(fixed)}
        self._constants = list(fixed.values())
        places |= {node: names.index(node.what.column) for node in varying if isinstance(node.what, Input)}
        self._steps: list[_Step] = []
        for node in nodes:
            if node in varying and not isinstance(node.what, Input):
                places[node] = len(names) + len(fixed) + len(self._steps)
                inputs = tuple(places[each] for each in node.inputs)
                self._steps.append((_choose_function(node.what, arrays), inputs))
        self._output = places[output]
        self._sources = tuple(sources)  # kept, so that their ids stay theirs
        self._ids = list(map(id, sources))
        self._versions = _read_versions(sources)

    @property
    def is_plain(self) -> bool:
        """Whether its constants are plain tensors, not those of a tracer."""
        return all(type(each) is Tensor for each in self._constants)

    def is_current(self, sources: Sequence[Tensor]) -> bool:
        """Return whether the tensors of the constants are those it was made from, unchanged."""
        is_same = list(map(id, sources)) == self._ids
        return is_same and _read_versions(sources) == self._versions

    def run(self, tensors: Sequence[Tensor]) -> Tensor:
        """Compute the output."""
        values = [*tensors, *self._constants]
        for function, inputs in self._steps:
            values.append(function(*[values[each] for each in inputs]))
        return values[self._output]


def check_traceable(layer: str) -> None:
    """Check that no export of torch is under way, which traces tensors only.

    Raises:
        UsageError: One is.
    """
    if torch.compiler.is_exporting():
        what = f"the layer '{layer}' computes outside of torch, where torch.export cannot trace it"
        raise UsageError(what, hint="export the model by hr.deploy.export")


def _choose_function(op: Any, arrays: Any) -> Callable[..., Any]:
    """Return the function of an op on tensors; the body of an op without the search for a namespace."""
    is_defined = isinstance(op, ElementwiseOp) and (
        arrays is not None or type(op).evaluate is ElementwiseOp.evaluate
    )
    if is_defined:
        compute, namespace = op.compute, arrays or array_api
        return lambda *tensors: compute(namespace, *tensors)
    return op.evaluate


def _read_versions(tensors: Sequence[Tensor]) -> list[int]:
    return [0 if each.is_inference() else each._version for each in tensors]
