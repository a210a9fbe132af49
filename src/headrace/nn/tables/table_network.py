"""The network for tables: embeddings of numbers and categories, and hidden layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from headrace.arguments import check_choice, check_integer, check_mapping
from headrace.errors import ModelError, UsageError
from headrace.nn.affine_output import AffineOutput
from headrace.nn.feature_sizes import FrozenTransform, count_outputs, read_features
from headrace.nn.named_outputs import NamedOutputs
from headrace.nn.tables.periodic_embeddings import PeriodicEmbeddings
from headrace.suggestions import list_names

__all__ = ["TableNetwork"]

Unit = float | Sequence[float] | Mapping[str, float | Sequence[float]]
"""The scale or offset of a label: one number, one for each number of a row, or those by output."""

_CLIP = 3.0  # numbers are scaled to unit variance: few are beyond


class TableNetwork(nn.Module):
    """Predicts from numbers and categories: embeddings of each, and a multilayer perceptron.

    The defaults follow RealMLP (D. Holzmüller, L. Grinsztajn, I. Steinwart, Better by Default, 2024,
    arXiv:2407.04491): numbers are clipped smoothly and embedded by `PeriodicEmbeddings`, each input of the
    first layer has a learned scale. Numbers are expected with about unit variance, as
    `hr.transform.scale_to_z_score` computes them, without missing values.

    Called by names, as `network(age=..., city=...)`, or with one tensor if there is one feature. Numbers are
    floats or booleans [rows] or [rows, n], categories integers [rows]; a negative category, such as the -1
    of words outside a vocabulary, is one of its own. The result is float32 [rows, outputs], or a dict of them
    by the names of several outputs.

    Args:
        numbers: Feature to how many numbers it has; an integer is one feature, `numbers`.
        categories: Feature to how many categories it has.
        outputs: Classes, or numbers to predict; a dict of several outputs, by name.
        embeddings: "periodic", or "none" for the numbers themselves; or a module from float
            [rows, numbers] to float [rows, numbers, n], such as `PiecewiseLinearEmbeddings`.
        hidden: Sizes of the hidden layers.
        dropout: Share of hidden values that are dropped in training.
        scale: Regression: the label's standard deviation, in the label's units; see `AffineOutput`. Of
            several outputs, a dict of those that are numbers.
        offset: Regression: the label's mean; likewise.

    Raises:
        UsageError: Neither numbers nor categories are given, or a size is out of range.

    Example:
        >>> network = TableNetwork({"age": 1, "place": 2}, {"city": 10}, outputs=2)
        >>> network(age=torch.zeros(4), place=torch.zeros(4, 2), city=torch.tensor([0, 9, 3, -1])).shape
        torch.Size([4, 2])
    """

    def __init__(
        self,
        numbers: Mapping[str, int] | int = 0,
        categories: Mapping[str, int] | None = None,
        *,
        outputs: int | Mapping[str, int],
        embeddings: str | nn.Module = "periodic",
        hidden: Sequence[int] = (256, 256),
        dropout: float = 0.15,
        scale: Unit = 1.0,
        offset: Unit = 0.0,
    ) -> None:
        super().__init__()
        self.numbers = _check_sizes({"numbers": numbers} if isinstance(numbers, int) else numbers, "numbers")
        self.categories = _check_sizes(categories or {}, "categories")
        if not self.numbers and not self.categories:
            raise UsageError("expected features, got none", hint="pass numbers or categories")
        self.outputs, self.unit = _make_unit(outputs, scale, offset)
        count = sum(self.numbers.values())
        self.number_embeddings = _make_embeddings(embeddings, count)
        tables = [_make_table(size) for size in self.categories.values()]
        self.tables = nn.ModuleList(tables)
        width = _count_values(self.number_embeddings, count) + sum(each.embedding_dim for each in tables)
        self.input_scale = nn.Parameter(torch.ones(width))
        layers: list[nn.Module] = []
        for size in hidden:
            layers += [nn.Linear(width, check_integer(size, "hidden", 1)), nn.Mish(), nn.Dropout(dropout)]
            width = size
        self.layers = nn.Sequential(*layers, nn.Linear(width, self.outputs))

    @classmethod
    def from_transform(
        cls,
        transform: FrozenTransform,
        *,
        label: str | Mapping[str, str],
        outputs: int | Mapping[str, int] | None = None,
        categories: Mapping[str, int] | None = None,
        **options: Any,
    ) -> Self:
        """Create the network for the outputs of a transform.

        Floats and booleans are numbers; integers that a vocabulary defines are categories.

        Args:
            transform: The transform of the training data, an `hr.transform.Transform`, with the label or
                without it.
            label: The label column; a dict of several, by the names of the network's outputs.
            outputs: Classes, or numbers to predict; None finds them by the type or vocabulary of the label.
            categories: Counts of categories that the transform does not know, such as of hashed strings.
            **options: Options of `TableNetwork`.

        Raises:
            SchemaError: The label is not an output, or an output is not numbers or a category.
            UsageError: The number of classes is not known.

        Example:
            >>> import headrace as hr
            >>> data = hr.Dataset.from_arrays({"age": [20.0, 30.0, 40.0], "group": ["a", "b", "a"]})
            >>> def preprocess(x):
            ...     age = hr.transform.scale_to_z_score(x["age"])
            ...     return {"age": age, "group": hr.transform.compute_and_apply_vocabulary(x["group"])}
            >>> transform = hr.transform.analyze(preprocess, data)
            >>> TableNetwork.from_transform(transform, label="group").outputs
            2
        """
        labels = {"": label} if isinstance(label, str) else dict(label)
        if outputs is None:
            counts = {name: count_outputs(transform, column) for name, column in labels.items()}
            outputs = counts[""] if isinstance(label, str) else counts
        found = read_features(transform, set(labels.values()), categories or {})
        return cls(found.numbers, found.categories, outputs=outputs, **options)

    def forward(self, *values: Tensor, **features: Tensor) -> Any:
        """Predict logits or numbers, float32 [rows, outputs], or a dict of them.

        Raises:
            ModelError: The features are not those that the network was built for.
        """
        named = self._name(values, features)
        embedded: list[Tensor] = []
        if self.numbers:
            parts = [named[name].float().reshape(-1, size) for name, size in self.numbers.items()]
            embedded.append(self._embed_numbers(torch.cat(parts, dim=1)))
        for name, table in zip(self.categories, self.tables, strict=True):
            embedded.append(_look_up(table, named[name]))
        return self.unit(self.layers(torch.cat(embedded, dim=1) * self.input_scale))

    def _embed_numbers(self, numbers: Tensor) -> Tensor:
        if self.number_embeddings is None:
            return _clip(numbers)
        if isinstance(self.number_embeddings, PeriodicEmbeddings):
            numbers = _clip(numbers)
        return self.number_embeddings(numbers).flatten(1)

    def _name(self, values: Sequence[Tensor], features: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        known = [*self.numbers, *self.categories]
        if len(values) == len(known) == 1 and not features:
            return {known[0]: values[0]}
        if values or set(features) != set(known):
            found = list_names(features) or f"{len(values)} tensors without names"
            what = f"the network has the features {list_names(known)}, got {found}"
            raise ModelError(what, hint="call it by the names of its features")
        return features


def _make_unit(outputs: int | Mapping[str, int], scale: Unit, offset: Unit) -> tuple[int, nn.Module]:
    """Count the columns of the last layer, and make the module after it."""
    if isinstance(outputs, Mapping):
        for name, given, default in (("scale", scale, 1.0), ("offset", offset, 0.0)):
            if not isinstance(given, Mapping) and given != default:
                hint = "pass a dict, output to number"
                raise UsageError(f"{name}: expected a number for each output, got one", hint=hint)
        unit = NamedOutputs(
            outputs,
            scale if isinstance(scale, Mapping) else None,
            offset if isinstance(offset, Mapping) else None,
        )
        return sum(unit.sizes.values()), unit
    if isinstance(scale, Mapping) or isinstance(offset, Mapping):
        raise UsageError("the network has one output, got numbers by name", hint="pass outputs={name: count}")
    count = check_integer(outputs, "outputs", 1)
    return count, AffineOutput(scale, offset) if (scale, offset) != (1, 0) else nn.Identity()


def _check_sizes(sizes: Mapping[str, int], name: str) -> dict[str, int]:
    if not sizes:
        return {}
    checked = check_mapping(sizes, name, "{feature: size, ...}")
    sizes = {feature: check_integer(size, f"{name}[{feature!r}]") for feature, size in checked.items()}
    return {feature: size for feature, size in sizes.items() if size}


def _make_embeddings(embeddings: str | nn.Module, count: int) -> nn.Module | None:
    if isinstance(embeddings, nn.Module):
        return embeddings
    name = check_choice(embeddings, "embeddings", ("periodic", "none"))
    return PeriodicEmbeddings(count) if count and name == "periodic" else None


def _count_values(embeddings: nn.Module | None, count: int) -> int:
    if embeddings is None:
        return count
    with torch.no_grad():
        return embeddings(torch.zeros(1, count)).numel()


def _make_table(count: int) -> nn.Embedding:
    """Make the embeddings of a category, one row more for negative numbers."""
    table = nn.Embedding(count + 1, min(8, count))
    nn.init.uniform_(table.weight, -1, 1)
    return table


def _look_up(table: nn.Module, numbers: Tensor) -> Tensor:
    assert isinstance(table, nn.Embedding)
    numbers = numbers.long()
    return table(torch.where(numbers < 0, table.num_embeddings - 1, numbers))


def _clip(numbers: Tensor) -> Tensor:
    """Bend numbers smoothly towards limits, so that outliers do not rule: identity near 0."""
    return numbers / torch.sqrt(1 + (numbers / _CLIP) ** 2)
