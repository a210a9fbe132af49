"""Tokenizers of other packages: Python code that an ONNX file cannot hold.

None of these packages is imported here: an object is recognized by its classes.
"""

from __future__ import annotations

import dis
import inspect
from functools import partial
from types import FrameType
from typing import Any

from headrace.errors import UsageError

__all__ = [
    "TOKENIZER_HINT",
    "check_no_tokenizer",
    "check_takes_batches",
    "find_called_tokenizer",
    "find_tokenizer",
]

TOKENIZER_HINT = (
    "tokenize before the model, in training and in serving, and make the token ids its input column "
    "(docs/jobs/token-ids.md); or use hr.transform.tokenize_whitespace, tokenize_regex or tokenize_characters"
)
_PACKAGES = {"sentencepiece", "tiktoken", "tokenizers"}
_BASE_CLASSES = {("transformers", "PreTrainedTokenizerBase")}  # a large package that has more than tokenizers
_LIBRARIES = _PACKAGES | {package for package, _ in _BASE_CLASSES}


def find_tokenizer(value: Any) -> str | None:
    """Return the class of a tokenizer, of which `value` may be a method; None for any other object.

    >>> find_tokenizer("a text".split) is None
    True
    """
    while isinstance(value, partial):
        value = value.func
    owner: Any = getattr(value, "__self__", value) if callable(value) else value
    kinds = [(_package(str(kind.__module__)), kind.__name__) for kind in inspect.getmro(type(owner))]
    if not any(package in _PACKAGES or (package, name) in _BASE_CLASSES for package, name in kinds):
        return None
    return next(f"{package}.{name}" for package, name in kinds if package in _LIBRARIES)


def check_no_tokenizer(value: Any, name: str) -> None:
    """Refuse a tokenizer, or a method of one, where a function of columns is expected.

    Args:
        value: The argument.
        name: Its name, for the message.

    Raises:
        UsageError: It is a tokenizer.
    """
    tokenizer = find_tokenizer(value)
    if tokenizer is not None:
        what = f"{name}: {tokenizer} is Python code, which an ONNX file cannot hold"
        raise UsageError(what, hint=TOKENIZER_HINT)


def check_takes_batches(function: Any, name: str) -> None:
    """Refuse a tokenizer, or a method of one, where a function of batches is expected.

    Args:
        function: The argument.
        name: Its name, for the message.

    Raises:
        UsageError: It is a tokenizer.
    """
    tokenizer = find_tokenizer(function)
    if tokenizer is not None:
        what = f"{name}: expected a function of a batch, got {tokenizer}, which takes texts"
        hint = (
            "pass a function that tokenizes a column of the batch and returns a batch with the token ids, "
            "list<int64>; see docs/jobs/token-ids.md"
        )
        raise UsageError(what, hint=hint)


def find_called_tokenizer(error: Exception) -> tuple[str, str, int] | None:
    """Find the user's call of a tokenizer that raised an error.

    Returns:
        The class of the tokenizer, and the path and line of the call; None if another call raised it.
    """
    found = None
    step = error.__traceback__
    while step is not None:
        package = _package(step.tb_frame.f_globals.get("__name__", ""))
        if package in _LIBRARIES:
            break
        if package != "headrace":
            tokenizer = find_tokenizer(_find_callee(step.tb_frame, step.tb_lasti))
            found = tokenizer and (tokenizer, step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return found or None


def _find_callee(frame: FrameType, offset: int) -> Any:
    """Return what the instruction at `offset` calls: `a` of `a(x)` and `a.f(x)`, `b` of `a.b.f(x)`.

    It is read from variables and from the attributes of instances, without a call. In the source, a call
    starts where the name of its function starts.
    """
    before = [each for each in dis.get_instructions(frame.f_code) if each.offset <= offset]  # caches follow
    starts = [each.positions and (each.positions.lineno, each.positions.col_offset) for each in before]
    names = [
        each.argval
        for each, start in zip(before, starts, strict=True)
        if start == starts[-1] and each.opname.startswith("LOAD_") and each.opname != "LOAD_CONST"
    ]
    variables: Any = {**frame.f_globals, **frame.f_locals}
    for name in names:
        if not isinstance(name, str) or name not in variables:
            return None
        value = variables[name]
        if find_tokenizer(value):
            return value
        variables = getattr(value, "__dict__", {})
    return None


def _package(module: str) -> str:
    return module.partition(".")[0]
