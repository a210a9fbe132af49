"""A signature as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headrace.columns import TIMESTAMP
from headrace.serving.signature import Input, Output, Signature

__all__ = ["describe_model"]

_MOST_SHOWN = 6  # words or class names
_LONGEST = 60  # characters of an example


def describe_model(signature: Signature) -> str:
    """Describe what a model reads and answers: a line per column and per output."""
    inputs = [(each.name, _describe_type(each), _describe_input(each)) for each in signature.inputs]
    outputs = [(each.name, _describe_type(each), _describe_output(each)) for each in signature.outputs]
    return "\n".join(["reads", *_align(inputs), "answers", *_align(outputs), *_describe_origin(signature)])


def _align(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(2)]
    return [f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]


def _describe_type(value: Input | Output) -> str:
    sizes = ", ".join("any" if size is None else str(size) for size in value.shape)
    return f"{value.type}[{sizes}]" if sizes else value.type


def _describe_input(column: Input) -> str:
    parts = list[str]()
    if column.encoding is not None:
        parts.append(f"decoded: {column.encoding}")
    if column.optional:
        default = "" if column.default is None else f", then {_show(column.default)}"
        parts.append(f"may be missing{default}")
    if column.minimum is not None:
        parts.append(" to ".join(_show_bound(each, column) for each in (column.minimum, column.maximum)))
    if column.unit is not None:
        parts.append(f"in {column.unit}")
    if column.vocabulary is not None:
        parts.append(_list_words(column.vocabulary, column.vocabulary_size))
    if column.example is not None:
        parts.append(f"such as {_show(column.example)}")
    return "; ".join(parts)


def _describe_output(output: Output) -> str:
    parts = [output.kind]
    if output.classes is not None:
        parts.append(_list_words(output.classes, len(output.classes)))
    if output.threshold is not None:
        what = "each" if output.kind == "labels" else "the second"
        parts.append(f"{what} from a probability of {output.threshold:g} on")
    if output.thresholds is not None:
        shown = ", ".join(f"{each:g}" for each in output.thresholds[:_MOST_SHOWN])
        parts.append(f"from probabilities of {shown}{', ...' * (len(output.thresholds) > _MOST_SHOWN)} on")
    if output.quantiles is not None:
        parts.append("below it " + ", ".join(f"{each:.4g}" for each in output.quantiles) + " of rows")
    return "; ".join(parts)


def _describe_origin(signature: Signature) -> list[str]:
    """List what the file was made of, as far as it says so."""
    digests = [f"{name} {digest[:12]}" for name, digest in signature.digests.items()]
    facts = {
        "head": [signature.head] if signature.head else [],
        "versions": [f"{name} {version}" for name, version in signature.versions.items()],
        "digests": digests,
        "data": [signature.data_fingerprint] if signature.data_fingerprint else [],
    }
    lines = [f"  {name:<8}  {', '.join(found)}" for name, found in facts.items() if found]
    return ["exported with", *lines] if lines else []


def _show_bound(value: Any, column: Input) -> str:
    return str(np.datetime64(value, "us")) if column.type == TIMESTAMP else f"{value:,}"


def _list_words(words: Sequence[str], count: int | None) -> str:
    shown = ", ".join(map(_show, words[:_MOST_SHOWN]))
    return f"{shown}, ... ({count:,})" if count and count > _MOST_SHOWN else shown


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
