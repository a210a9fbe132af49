"""A program of a user in three files, loaded from a folder, and changes of it."""

from __future__ import annotations

import ast
import copy
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

FILES = {
    "main": '''
"""Prepare reviews."""

import functools
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import helpers
import text.rules as rules
from helpers import scale as rescale

THRESHOLD = 0.5
STOP = {"the", "a", "of"}
WEIGHTS = np.arange(6, dtype=np.float32) * 2
PATTERN = re.compile("[a-z]+")
UNUSED = 7


@dataclass
class Cutter:
    length: int = 40
    marks: tuple = (".", "!")

    @property
    def half(self):
        return self.length // 2

    def __call__(self, words):
        return [word[: self.half] for word in words if word not in self.marks]

    @staticmethod
    def join(words):
        return "-".join(words)


class LongCutter(Cutter):
    def __call__(self, words):
        return super().__call__(words)[1:]


cutter = LongCutter(30)


@functools.lru_cache(maxsize=None)
def weigh(word):
    return float(WEIGHTS[len(word) % 6]) + rules.BONUS.get(word, 0.25)


def tokenize(text, *, lower=True):
    """Split a text into words."""
    found = PATTERN.findall(text.lower() if lower else text)
    return [word for word in found if word not in STOP]


def prepare(batch, offset=3, mode="mean"):
    """Prepare a batch."""
    from text import letters

    def score(text):
        words = cutter(tokenize(text))
        try:
            total = sum(weigh(word) for word in words) / len(words)
        except ZeroDivisionError:
            total = -1.5
        return total if total > THRESHOLD else helpers.clean(total)

    scores = pa.array([score(each) for each in batch["text"].to_pylist()])
    if mode == "mean":
        scores = pc.add(scores, rescale(offset))
    return pa.record_batch({"score": scores, "letters": letters.count(batch["text"])})


def unrelated(x):
    return x + 99
''',
    "helpers": """
from text.rules import LIMIT

FACTOR = 1.25


def scale(x):
    return x * FACTOR


def clean(x):
    while x < -LIMIT:
        x += 10
    return max(x, inner(x, deep=4))


def inner(x, deep):
    return x if deep <= 0 else clean(x) * 0 + inner(x, deep - 1)
""",
    "text/__init__": "",
    "text/rules": """
BONUS = {"good": 2, "bad": -2, "great": 3}
LIMIT = 100
""",
    "text/letters": """
VOWELS = frozenset("aeiou")


def count(column):
    return [sum(letter in VOWELS for letter in text) for text in column.to_pylist()]
""",
}
REACHED = ("prepare", "tokenize", "weigh", "Cutter", "LongCutter", "scale", "clean", "inner", "count")
_number = iter(range(1_000_000))


def load(files: dict[str, str], folder: Path) -> ModuleType:
    """Write the files to a new folder, and import the program from there."""
    root = folder / f"program{next(_number)}"
    for name, text in files.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    names = {name.removesuffix("/__init__").replace("/", ".") for name in files}
    for name in [*names, "text"]:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    sys.path.insert(0, str(root))
    try:
        return importlib.import_module("main")
    finally:
        # Modules imported by a function later must be those of this program: letters is imported now.
        importlib.import_module("text.letters")
        sys.path.remove(str(root))


def mutations() -> Iterator[dict[str, str]]:
    """Change one constant, operator, comparison or condition that `prepare` reaches; one program for each."""
    for file in ("main", "helpers", "text/rules", "text/letters"):
        tree = ast.parse(FILES[file])
        for number in range(len(_mutable_nodes(tree))):
            for variant in (0, 1):
                changed = ast.parse(FILES[file])
                _mutate(_mutable_nodes(changed)[number], variant)
                yield {**FILES, file: ast.unparse(ast.fix_missing_locations(changed))}


def _mutable_nodes(tree: ast.Module) -> list[ast.AST]:
    return [node for node in _reached_nodes(tree) if _mutate(copy.copy(node), 0) is not None]


def _reached_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    for statement in tree.body:
        name = getattr(statement, "name", None)
        is_unused = isinstance(statement, ast.Assign) and ast.unparse(statement).startswith("UNUSED")
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_docstring or is_unused or (name is not None and name not in REACHED):
            continue
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(statement)
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and isinstance(node.body[0], ast.Expr)
            and isinstance(node.body[0].value, ast.Constant)
        }
        yield from (node for node in ast.walk(statement) if id(node) not in docstrings)


_OPERATORS = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.FloorDiv]
_COMPARISONS = [ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.In, ast.NotIn, ast.Eq]


def _mutate(node: ast.AST, variant: int) -> ast.AST | None:
    """Change a node in place, in one of two ways; return None if it is of another kind."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = None if variant else not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        node.value = -node.value - 1 if variant else node.value + 1
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        node.value = node.value + "xy"[variant]
    elif isinstance(node, ast.BinOp):
        node.op = _OPERATORS[(_OPERATORS.index(type(node.op)) + 1 + variant) % len(_OPERATORS)]()
    elif isinstance(node, ast.Compare):
        place = _COMPARISONS.index(type(node.ops[0]))
        node.ops = [_COMPARISONS[(place + 1 + variant) % len(_COMPARISONS)]()]
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = (node.orelse, node.body) if variant else (node.body, node.body)
    else:
        return None
    return node


def harmless() -> Iterator[dict[str, str]]:
    """Change the program without changing what `prepare` does, in more than 100 ways."""
    for file, text in FILES.items():
        yield {**FILES, file: ast.unparse(ast.parse(text))}  # no comments, other lines and quotes
        yield {**FILES, file: f"from __future__ import annotations\n{text}"}
        yield {**FILES, file: f"{text}\nOTHER = {{1: 2}}\n\ndef another(x):\n    return OTHER, x\n"}
        yield {**FILES, file: f"import json\nimport os\n{text}"}
        lines = text.split("\n")
        starts = [number for number, line in enumerate(lines) if line.startswith(("def ", "class ", "@"))]
        for number in starts:
            for extra in ("# Why.", "", "\n\n\n", "MORE = 1"):
                if not lines[number - 1].startswith("@"):
                    yield {**FILES, file: "\n".join([*lines[:number], extra, *lines[number:]])}
        for number, line in enumerate(lines):
            if line.endswith(":") and line.lstrip().startswith(("def ", "class ")):
                indent = " " * (len(line) - len(line.lstrip()) + 4)
                if '"""' not in lines[number + 1]:
                    documented = [*lines[: number + 1], f'{indent}"""Do it."""', *lines[number + 1 :]]
                    yield {**FILES, file: "\n".join(documented)}
                yield {
                    **FILES,
                    file: "\n".join([*lines[: number + 1], f"{indent}# Why.", *lines[number + 1 :]]),
                }
    for old, new in (
        ('"""Prepare a batch."""', '"""Prepare some rows."""'),
        ("words = cutter(tokenize(text))", "words = cutter(\n            tokenize(text),\n        )"),
        ("def scale(x):", "def scale(x: float) -> float:"),
        (
            "found = PATTERN.findall(text.lower() if lower else text)",
            "found = PATTERN.findall(\n            text.lower() if lower\n            else text)",
        ),
        ('{"the", "a", "of"}', '{"of", "the", "a"}'),
        ("UNUSED = 7", "UNUSED = 8"),
        ("return x + 99", "return x + 100"),
        ("WEIGHTS = np.arange(6, dtype=np.float32) * 2", "WEIGHTS = np.arange(0, 12, 2, dtype=np.float32)"),
        ("THRESHOLD = 0.5", "THRESHOLD = 1 / 2"),
        ("cutter = LongCutter(30)", "cutter = LongCutter(length=30, marks=('.', '!'))"),
        ("    length: int = 40", "    length: int = 4 * 10"),
    ):  # fmt: skip
        assert any(old in text for text in FILES.values()), old
        yield {name: text.replace(old, new) for name, text in FILES.items()}
    for name in ("scores", "total", "found"):
        yield {file: _rename(text, name) for file, text in FILES.items()}


def _rename(text: str, name: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            node.id = f"some_{name}"
    return ast.unparse(tree)
