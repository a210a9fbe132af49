"""The last layer of a network with several outputs: a dict of tensors, one for each head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from headrace.arguments import check_integer, check_mapping
from headrace.errors import ModelError, UsageError
from headrace.nn.affine_output import AffineOutput
from headrace.suggestions import suggest

__all__ = ["NamedOutputs"]


class NamedOutputs(nn.Module):
    """Splits the last layer's outputs [rows, n] into named ones, a dict of [rows, size].

    The names are those of the labels and heads of `fit`, `export` and `Recipe`.

    Args:
        sizes: Output to how many columns it has: its classes, or its numbers.
        scale: Output to its label's standard deviation, for outputs that are numbers; see `AffineOutput`.
        offset: Output to the mean of its label.

    Raises:
        UsageError: No outputs, a size is out of range, or `scale` or `offset` names another output.

    Example:
        >>> outputs = NamedOutputs({"species": 3, "mass": 1}, scale={"mass": 800.0}, offset={"mass": 4200.0})
        >>> {name: each.tolist() for name, each in outputs(torch.zeros(1, 4)).items()}
        {'species': [[0.0, 0.0, 0.0]], 'mass': [[4200.0]]}
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        scale: Mapping[str, float | Sequence[float]] | None = None,
        offset: Mapping[str, float | Sequence[float]] | None = None,
    ) -> None:
        super().__init__()
        given = check_mapping(sizes, "sizes", "{output: size, ...}")
        self.sizes = {name: check_integer(size, f"sizes[{name!r}]", 1) for name, size in given.items()}
        scale, offset = scale or {}, offset or {}
        for name in (*scale, *offset):
            if name not in self.sizes:
                raise UsageError(f"no output is called '{name}'", hint=suggest(str(name), self.sizes))
        units = {
            name: AffineOutput(scale.get(name, 1.0), offset.get(name, 0.0))
            for name in self.sizes
            if name in scale or name in offset
        }
        self.units = nn.ModuleDict({f"{place}": units[name] for place, name in enumerate(units)})
        self._places = {name: f"{place}" for place, name in enumerate(units)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Split float [rows, n].

        Raises:
            ModelError: `n` is not the sum of the sizes.
        """
        wanted = sum(self.sizes.values())
        if x.ndim != 2 or x.shape[1] != wanted:
            what = f"expected [rows, {wanted}], got {list(x.shape)}"
            raise ModelError(what, hint="let the layer before return the sum of the sizes")
        parts = dict(zip(self.sizes, x.split(list(self.sizes.values()), dim=1), strict=True))
        return {name: self._apply_unit(name, part) for name, part in parts.items()}

    def _apply_unit(self, name: str, part: Tensor) -> Tensor:
        return self.units[self._places[name]](part) if name in self._places else part

    def extra_repr(self) -> str:
        """Represent the sizes."""
        return f"{self.sizes}"
