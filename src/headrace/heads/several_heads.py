"""Several heads: a network that returns several outputs by name, a head for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from headrace.errors import ModelError
from headrace.heads.head import Head
from headrace.heads.label import Label

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from headrace.transform import Transform

__all__ = ["SeveralHeads"]


@dataclass(frozen=True)
class SeveralHeads(Head):
    """A head for each output of a network that returns a dict of tensors.

    The single output of a head gets the name of the network's output, unless it was given a name of its own;
    several are named `NAME_OUTPUT`, such as `kind_label` and `kind_probabilities`.

    Attributes:
        heads: Output of the network to head.
    """

    heads: Mapping[str, Head]

    task: ClassVar[str | None] = "several"

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of the outputs of all heads."""
        return tuple(name for names in self.list_names().values() for name in names.values())

    @property
    def kinds(self) -> Mapping[str, str]:  # type: ignore[override]
        """What the outputs mean."""
        names = self.list_names()
        return {
            names[key][output]: kind
            for key, head in self.heads.items()
            for output, kind in head.kinds.items()
        }

    def list_names(self) -> dict[str, dict[str, str]]:
        """List by head the name of each of its outputs."""
        return {key: _name_outputs(key, head) for key, head in self.heads.items()}

    def find_output(self, name: str) -> tuple[Head, str]:
        """Find the head of an output, and the name that the head has for it."""
        for key, names in self.list_names().items():
            for own, shown in names.items():
                if shown == name:
                    return self.heads[key], own
        raise KeyError(name)

    def select(self, outputs: object) -> dict[str, Tensor]:
        """Return the outputs of a network by the names of the heads.

        Raises:
            ModelError: They are not a dict of tensors with these names.
        """
        import torch

        wanted = ", ".join(map(repr, self.heads))
        if not isinstance(outputs, Mapping):
            what = f"expected a dict with {wanted} from the model, got {type(outputs).__name__}"
            raise ModelError(what, hint="return a dict of tensors from forward, one for each head")
        if outputs.keys() != self.heads.keys():
            what = f"expected the outputs {wanted} from the model, got {', '.join(map(repr, outputs))}"
            raise ModelError(what, hint="name labels, heads and outputs of the model equally")
        for name, value in outputs.items():
            if not isinstance(value, torch.Tensor):
                what = f"output '{name}': expected a tensor from the model, got {type(value).__name__}"
                raise ModelError(what, hint="return a dict of tensors from forward")
        return {name: outputs[name] for name in self.heads}

    def for_label(self, label: Any, outputs: Any = None) -> Self:
        """Return the heads for their labels, name to `Label`."""
        if label is None:
            return self
        parts = {} if outputs is None else self.select(outputs)
        heads = {key: head.for_label(label.get(key), parts.get(key)) for key, head in self.heads.items()}
        return type(self)(heads)

    def find_label(self, transform: Transform) -> Any:
        """Find the label of each head: the removed output of the same name, or what the head names."""
        found = dict[str, Label | None]()
        for key, head in self.heads.items():
            is_removed = key in transform.removed_types
            found[key] = Label.from_transform(transform, key) if is_removed else head.find_named(transform)
        return found

    def tensors(self, raw: Any) -> tuple[Tensor, ...]:
        """Compute the tensors of all heads, in the order of `outputs`."""
        parts = self.select(raw)
        return tuple(tensor for key, head in self.heads.items() for tensor in head.tensors(parts[key]))

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace numbers by the names that users see."""
        return self._apply("name", values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to ONNX."""
        return self._apply("lower", tensors)

    def find_ties(
        self, expected: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]], tolerance: float
    ) -> dict[str, NDArray[np.bool_]]:
        """Find the values that rounding decides."""
        ties: dict[str, NDArray[np.bool_]] = {}
        for key, names in self.list_names().items():
            parts = [{own: side[shown] for own, shown in names.items()} for side in (expected, found)]
            own_ties = self.heads[key].find_ties(parts[0], parts[1], tolerance)
            ties |= {names[own]: mask for own, mask in own_ties.items()}
        return ties

    def _apply(self, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        results = dict[str, Any]()
        for key, names in self.list_names().items():
            part = {own: values[shown] for own, shown in names.items()}
            changed = getattr(self.heads[key], method)(part)
            results |= {names[own]: value for own, value in changed.items()}
        return results


def _name_outputs(key: str, head: Head) -> dict[str, str]:
    if len(head.outputs) == 1:
        name = head.outputs[0]
        return {name: key if name == "prediction" else name}
    is_named = head.task == "regression"  # the user has named each number
    return {name: name if is_named else f"{key}_{name}" for name in head.outputs}
