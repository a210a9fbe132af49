"""What the numbers of an output stand for: the words of a label's vocabulary, in the order of the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged
from headrace.errors import HeadraceError
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.graph.graph import Constant, Graph, Input, Node, topological_sort
from headrace.transform.ops.numbers.comparison import EqualString
from headrace.transform.ops.vocabularies.apply_vocabulary import ApplyVocabulary
from headrace.transform.ops.vocabularies.index_of import IndexOf

__all__ = ["ClassNumbers", "find_class_numbers"]

MOST_WORDS = 100_000
_OTHER_WORDS = 256  # words outside any vocabulary, which are hashed over its buckets


@dataclass(frozen=True)
class ClassNumbers:
    """What the numbers of an output stand for.

    Attributes:
        words: The word of each number; None for a number without a word of its own, such as that of all words
            outside the vocabulary.
        vocabulary: The name of the vocabulary, as in `Transform.vocabularies`; None for a fixed list.
    """

    words: tuple[str | None, ...]
    vocabulary: str | None = None


def find_class_numbers(node: Node) -> ClassNumbers | None:
    """Find what the numbers of an output stand for, by looking up every word that the graph compares with.

    What lies between the lookup and the output (a cast, an offset, a condition) is evaluated on the words.

    Returns:
        None if the output is not one integer or boolean per row, or a list of them, that depends on one
        lookup alone.
    """
    type_ = node.type
    if type_.shape or not (type_.is_integer or type_.dtype == "bool"):
        return None
    order = topological_sort([node])
    lookups: dict[Node, list[Node]] = {}
    for each in order:
        if isinstance(each.what, ApplyVocabulary | IndexOf | EqualString) and each.inputs[0].per_row:
            lookups.setdefault(each.inputs[0], []).append(each)
    if len(lookups) != 1:
        return None
    ((source, nodes),) = lookups.items()
    return _evaluate_lookup(node, source, nodes)


def _evaluate_lookup(output: Node, source: Node, lookups: Sequence[Node]) -> ClassNumbers | None:
    """Evaluate an output on the words that its values are compared with, if it depends on nothing else."""
    words = list(dict.fromkeys(word for each in lookups for word in _list_words(each)))
    if not 0 < len(words) <= MOST_WORDS:
        return None
    column = Node(Input("word"), (), source.type, per_row=True)
    graph = Graph({"class": output}).rewrite(lambda node: column if node is source else node)
    if list(graph.inputs.values()) != [column]:
        return None
    numbers = _evaluate(graph.outputs["class"], _make_column(words, source))
    others = _evaluate(graph.outputs["class"], _make_column(_find_other_words(words, source), source))
    if numbers is None or others is None:
        return None
    count = 1 + max(*numbers, *others, -1)
    if count > len(words) + _OTHER_WORDS:
        return None
    return ClassNumbers(_place_words(words, numbers, others, count), _find_name(lookups))


def _list_words(lookup: Node) -> Iterator[str | int]:
    if isinstance(lookup.what, EqualString):
        yield lookup.what.text
        return
    vocabulary = lookup.inputs[1].what
    if isinstance(vocabulary, Constant):
        yield from (
            vocabulary.value.tolist()
            if isinstance(vocabulary.value, np.ndarray)
            else (vocabulary.value.to_pylist())
        )


def _find_other_words(words: Sequence[str | int], source: Node) -> list[str | int]:
    if not source.type.is_string:
        return [1 + max(each for each in words if isinstance(each, int))]
    longest = max(len(str(each)) for each in words)
    return [f"{'-' * longest}{number}" for number in range(_OTHER_WORDS)]


def _make_column(words: Sequence[str | int], source: Node) -> pa.Array | np.ndarray | Ragged:
    """Make a column with a word in each row, of lists a list of one."""
    type_ = source.type
    values = pa.array(words, pa.string()) if type_.is_string else np.array(words).astype(type_.dtype)
    return Ragged(values, np.arange(len(words) + 1)) if type_.ragged else values


def _evaluate(output: Node, column: pa.Array | np.ndarray | Ragged) -> list[int] | None:
    try:
        found = evaluate([output], {"word": column})[output]
    except HeadraceError:
        return None
    values = found.values if isinstance(found, Ragged) else found
    rows = len(column.row_splits) - 1 if isinstance(column, Ragged) else len(column)
    return np.asarray(values).astype(np.int64).tolist() if len(values) == rows else None


def _place_words(
    words: Sequence[str | int], numbers: Sequence[int], others: Sequence[int], count: int
) -> tuple[str | None, ...]:
    """Put each word in the place of its number, unless other words have the same number."""
    placed: dict[int, str | None] = {}
    for word, number in zip(words, numbers, strict=True):
        placed[number] = None if number in placed else str(word)
    placed |= dict.fromkeys(others, None)
    return tuple(placed.get(number) for number in range(count))


def _find_name(lookups: Sequence[Node]) -> str | None:
    constants = (each.inputs[1].what for each in lookups if len(each.inputs) > 1)
    return next((each.statistic for each in constants if isinstance(each, Constant) and each.statistic), None)
