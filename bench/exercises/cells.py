"""Scripts in cells: `# %% Title` starts a cell of code, `# %% [markdown]` one of text in comments."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cell", "count_code_lines", "read_cells"]

_MARK, _TEXT = "# %% ", "[markdown]"
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
_NO_CODE |= {tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Cell:
    """A cell of a script.

    Attributes:
        title: What the cell does; empty for text.
        source: Its code, or its text without comment marks.
        line: The number of its first line in the script, from 1.
    """

    title: str
    source: str
    line: int

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
        return not self.title


def read_cells(path: Path) -> list[Cell]:
    """Read the cells of a script; lines before the first mark are left out."""
    cells = list[Cell]()
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(_MARK)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        title = lines[start].removeprefix(_MARK)
        body = lines[start + 1 : end]
        if title == _TEXT:
            title, body = "", [line.removeprefix("#").removeprefix(" ") for line in body]
        cells.append(Cell(title, "\n".join(body).strip("\n"), start + 2))
    return cells


def count_code_lines(cells: list[Cell]) -> int:
    """Count the lines that hold code, without comments, empty lines and the cell of settings."""
    source = "\n".join(each.source for each in cells if not each.is_text and each.title != "Settings")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({line for each in tokens if each.type not in _NO_CODE for line in _lines(each)})


def _lines(token: tokenize.TokenInfo) -> range:
    return range(token.start[0], token.end[0] + 1)
