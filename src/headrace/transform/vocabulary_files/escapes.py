r"""Escapes of line breaks in the vocabulary files of saved transforms: `\\`, `\n` and `\r`, and no others.

Other characters that Unicode counts as line breaks (U+0085, U+2028, VT, FF ...) are stored as they are.
"""

from __future__ import annotations

import re

__all__ = ["escape", "unescape"]


def escape(token: str) -> str:
    r"""Replace backslash, line feed and carriage return by `\\`, `\n` and `\r`.

    >>> print(escape("two\nlines"))
    two\nlines
    """
    return token.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def unescape(line: str) -> str:
    """Return the token that `escape` wrote as this line."""
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "r": "\r"}.get(match[1], match[1]), line)
