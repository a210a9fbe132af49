"""The network for texts: a linear model of the terms of a row, such as words and pairs of words."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from headrace.arguments import check_integer, check_mapping
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.nn.affine_output import AffineOutput
from headrace.nn.bag_of_embeddings import RaggedTensor, sum_rows
from headrace.nn.feature_sizes import FrozenTransform, count_outputs
from headrace.suggestions import list_names, suggest

__all__ = ["TextNetwork"]

_FREQUENT = 3.0  # the rank at which the factor starts to grow with the logarithm, as an inverse frequency
_LEAST = 1e-6
_GAIN = 2.0


class TextNetwork(nn.Module):
    """Predicts from the terms of a text: words, their first letters, and pairs of words by their hash.

    Each term has one weight per output, as in the linear classifier of A. Joulin et al. (Bag of Tricks for
    Efficient Text Classification, 2016, arXiv:1607.01759). As with TF-IDF, a rare term counts more than a
    frequent one, and the length of a text counts little: the sum over a row's terms is divided by the
    root of the sum of their squared factors. The factor of a word follows from its rank in the vocabulary,
    `sqrt(1 + log(1 + rank / 3))`, since frequencies fall with the rank (G. Zipf, 1935); hashed terms are as
    rare as the last word. The weights start at 0, so that a term that training does not see has no influence.

    Pass each term of a row once, see `hr.transform.deduplicate_per_row`.

    Args:
        terms: Feature to how many terms it has: the vocabulary and its buckets, or the buckets of a hash.
        outputs: Classes, or numbers to predict.
        ranked: The features whose terms are numbered by falling frequency, as a vocabulary numbers them.
        scale: Regression: the label's standard deviation, in the label's units; see `AffineOutput`.
        offset: Regression: the label's mean.

    Raises:
        UsageError: No feature is given, a size is out of range, or a ranked feature is not a feature.

    Example:
        >>> from headrace.columns import Ragged
        >>> network = TextNetwork({"words": 1000, "pairs": 4096}, outputs=2, ranked=["words"])
        >>> words = Ragged(torch.tensor([4, 8, 15]), torch.tensor([0, 2, 3]))
        >>> pairs = Ragged(torch.tensor([99]), torch.tensor([0, 1, 1]))
        >>> network(words=words, pairs=pairs).shape
        torch.Size([2, 2])
    """

    def __init__(
        self,
        terms: Mapping[str, int],
        *,
        outputs: int,
        ranked: Collection[str] = (),
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        super().__init__()
        checked = check_mapping(terms, "terms", '{"words": 20_001}')
        self.terms = {name: check_integer(size, f"terms[{name!r}]", 1) for name, size in checked.items()}
        for name in ranked:
            if name not in self.terms:
                raise UsageError(f"ranked: '{name}' is not a feature", hint=suggest(name, self.terms))
        self.outputs = check_integer(outputs, "outputs", 1)
        largest = max([self.terms[name] for name in ranked], default=1)
        self.weights = nn.ParameterList(
            nn.Parameter(torch.zeros(size, self.outputs)) for size in self.terms.values()
        )
        self.bias = nn.Parameter(torch.zeros(self.outputs))
        for place, (name, size) in enumerate(self.terms.items()):
            last = 1 + math.log1p(largest / _FREQUENT)
            ranks = torch.arange(1.0, size + 1)
            factors = 1 + torch.log1p(ranks / _FREQUENT) if name in ranked else torch.full((size,), last)
            self.register_buffer(f"factors_{place}", factors.sqrt().unsqueeze(1))
        self.unit = AffineOutput(scale, offset) if (scale, offset) != (1, 0) else nn.Identity()

    @classmethod
    def from_transform(
        cls,
        transform: FrozenTransform,
        *,
        label: str,
        outputs: int | None = None,
        buckets: Mapping[str, int] | None = None,
        **options: Any,
    ) -> Self:
        """Create the network for the outputs of a transform.

        Terms that a vocabulary numbers are ranked by it.

        Args:
            transform: The transform of the training data, an `hr.transform.Transform`, with the label or
                without it.
            label: The label column.
            outputs: Classes, or numbers to predict; None finds them by the type or vocabulary of the label.
            buckets: The buckets of terms that are hashed.
            **options: Options of `TextNetwork`.

        Raises:
            SchemaError: The label is not an output, or an output is not lists of term numbers.
            UsageError: The number of classes is not known.

        Example:
            >>> import headrace as hr
            >>> t = hr.transform
            >>> data = hr.Dataset.from_arrays({"text": ["a good film", "a bad film"], "label": ["+", "-"]})
            >>> def preprocess(x):
            ...     tokens = t.tokenize(x["text"])
            ...     return {
            ...         "words": t.compute_and_apply_vocabulary(tokens, num_oov_buckets=1),
            ...         "pairs": t.hash_strings(t.ngrams(tokens, (2, 2)), 64),
            ...         "label": t.compute_and_apply_vocabulary(x["label"]),
            ...     }
            >>> transform = t.analyze(preprocess, data)
            >>> TextNetwork.from_transform(transform, label="label", buckets={"pairs": 64}).terms
            {'words': 5, 'pairs': 64}
        """
        if outputs is None:
            outputs = count_outputs(transform, label)
        hashed = dict(buckets or {})
        names = [name for name in transform.output_types if name != label]
        for name in hashed:
            if name not in names:
                hint = suggest(name, names)
                raise SchemaError(
                    "the hashed terms are not an output of the transform", feature=name, hint=hint
                )
        terms = {name: hashed[name] if name in hashed else _count_terms(transform, name) for name in names}
        ranked = [name for name in names if name not in hashed]
        return cls(terms, outputs=outputs, ranked=ranked, **options)

    def forward(self, *values: RaggedTensor, **features: RaggedTensor) -> Tensor:
        """Predict logits or numbers, float32 [rows, outputs], from ragged term numbers, int64.

        Raises:
            ModelError: The features are not those that the network was built for.
        """
        if len(values) == len(self.terms) == 1 and not features:
            features = dict(zip(self.terms, values, strict=True))
        elif values or set(features) != set(self.terms):
            found = list_names(features) or f"{len(values)} tensors without names"
            what = f"the network has the features {list_names(self.terms)}, got {found}"
            raise ModelError(what, hint="call it by the names of its features")
        sums = torch.stack([self._sum(place, features[name]) for place, name in enumerate(self.terms)]).sum(0)
        norms = sums[:, self.outputs :].clamp(min=_LEAST).sqrt()
        return self.unit(_GAIN * sums[:, : self.outputs] / norms + self.bias)

    def _sum(self, place: int, terms: RaggedTensor) -> Tensor:
        """Sum the weighted terms of rows and, in the last column, the squares of their factors."""
        factors = self.get_buffer(f"factors_{place}")
        return sum_rows(torch.cat([self.weights[place] * factors, factors.square()], dim=1), terms)

    def extra_repr(self) -> str:
        """Represent the sizes."""
        return f"{self.terms}, outputs={self.outputs}"


def _count_terms(transform: FrozenTransform, name: str) -> int:
    """Count the terms that a vocabulary numbers; one, for all words, of a vocabulary without any."""
    type_ = transform.output_types[name]
    if not type_.is_integer or not type_.ragged:
        what = f"expected lists of term numbers, got {type_}"
        hint = f"number the words by a vocabulary; leave an output out by transform.without({name!r})"
        raise SchemaError(what, feature=name, hint=hint)
    if (classes := transform.class_numbers(name)) is not None:
        return len(classes.words)
    if not transform.vocabularies.get(name, True):
        return 1
    hint = f"pass buckets={{{name!r}: count}} for hashed terms; a vocabulary has at most 100,000 words"
    raise SchemaError("cannot find how many terms these integers stand for", feature=name, hint=hint)
