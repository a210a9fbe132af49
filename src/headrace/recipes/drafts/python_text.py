"""Python source as ruff formats it: strings, tuples, docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = [
    "WIDTH",
    "fill",
    "write_call",
    "write_dict",
    "write_docstring",
    "write_literal",
    "write_number",
    "write_tuple",
]

WIDTH = 88


def write_literal(value: Any) -> str:
    """Write a string, number, boolean or None as Python source; strings in double quotes.

    >>> print(write_literal('a "b"'), write_literal("it's"), write_literal(3))
    'a "b"' "it's" 3
    """
    if not isinstance(value, str):
        return repr(value)
    text = repr(value)
    if text[0] == "'" and '"' not in value:
        return '"' + text[1:-1] + '"'
    return text


def write_number(value: float) -> str:
    """Write a float with four digits.

    >>> print(write_number(115_437.6), write_number(0.0123456))
    115_400.0 0.01235
    """
    return repr(float(f"{value:.4g}")) if abs(value) < 1000 else f"{float(f'{value:.4g}'):_}"


def write_call(start: str, arguments: Iterable[str], end: str) -> str:
    """Write a call on one line if it fits; else its arguments on a line of their own, or one a line.

    >>> print(write_call("f(", ["a", "b=1"], ")"))
    f(a, b=1)
    """
    arguments = list(arguments)
    inside, indent = ", ".join(arguments), _indent(start)
    if len(f"{start}{inside}{end}") <= WIDTH:
        return f"{start}{inside}{end}"
    if len(f"{indent}    {inside}") <= WIDTH:
        return f"{start}\n{indent}    {inside}\n{indent}{end}"
    return _write_lines(start, arguments, end)


def write_dict(start: str, pairs: Mapping[str, Any], end: str = "") -> str:
    """Write a dictionary on one line if it fits, else one pair a line; `start` has its opening brace."""
    written = [f"{write_literal(key)}: {write_literal(value)}" for key, value in pairs.items()]
    line = f"{start}{', '.join(written)}}}{end}"
    return line if len(line) <= WIDTH else _write_lines(start, written, f"}}{end}")


def write_tuple(name: str, values: Sequence[Any]) -> str:
    """Write a constant that is a tuple of literals."""
    written = [write_literal(each) for each in values]
    line = f"{name} = ({', '.join(written)}{',' * (len(written) == 1)})"
    return line if len(line) <= WIDTH else _write_lines(f"{name} = (", written, ")")


def _write_lines(start: str, elements: Sequence[str], end: str) -> str:
    indent = _indent(start)
    return "\n".join([start, *(f"{indent}    {each}," for each in elements), f"{indent}{end}"])


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip()))


def fill(text: str, hanging: int = 0, reserve: int = 0) -> str:
    """Wrap a paragraph; `hanging` indents further lines, `reserve` keeps columns of the first line free."""
    wrapped = textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * reserve,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped[reserve:]


def write_docstring(summary: str, paragraphs: Iterable[str]) -> str:
    """Write the docstring of a module; what would end it or escape is replaced."""
    body = "\n\n".join([summary, *paragraphs])
    body = "".join(each if each.isprintable() or each == "\n" else "?" for each in body)
    return '"""' + body.replace("\\", "/").replace('"""', "'''") + '\n"""'
