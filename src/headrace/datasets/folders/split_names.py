"""The split that a file belongs to, by its name or that of a folder above it.

1. A word of the name, between characters that are neither letters nor digits: `train`, `training`;
   `validation`, `valid`, `val`, `dev`; `test`, `testing`, `eval`, `evaluation`. "data/dev.csv" is the split
   `validation`. The name of the file comes before those of its folders, the nearest first.
2. The name before the numbers of a shard: "unsupervised-00000-of-00002.parquet" is the split `unsupervised`.

If no file names a split, all are `train`; if some do, the others are left out.

Source: https://huggingface.co/docs/datasets/repository_structure, which has the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from headrace.errors import UsageError
from headrace.storage import Shard

__all__ = ["find_split", "group_by_split", "sort_splits"]

T = TypeVar("T")

_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SPLITS = {word: split for split, words in _WORDS.items() for word in words}
_SPLIT = re.compile(r"\w+(?:[.\-]\w+)*", re.ASCII)


def find_split(name: str) -> str | None:
    """Find the split in one name, without folders; None if it names none.

    Raises:
        UsageError: The name holds the words of two splits.

    Example:
        >>> find_split("mnist-train-00000-of-00002.parquet"), find_split("dev.csv"), find_split("x.csv")
        ('train', 'validation', None)
    """
    words = re.split(r"[^a-z0-9]+|(?<=[a-z])(?=[0-9])", name.lower())
    found = {_SPLITS[word] for word in words if word in _SPLITS}
    if len(found) > 1:
        what = f"the name has the words of two splits, {' and '.join(sorted(found))}"
        raise UsageError(what, path=name, hint="rename it, or list the files of each split in README.md")
    return found.pop() if found else None


def group_by_split(files: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Group files by their splits.

    Args:
        files: Paths in a folder, with "/".

    Returns:
        The files of each split, those of `train`, `validation` and `test` first; and the files left out.

    Raises:
        UsageError: A name holds the words of two splits.
    """
    groups: dict[str, list[str]] = {}
    others: list[str] = []
    for file in sorted(files):
        *folders, name = file.split("/")
        split = find_split(name) or next(filter(None, map(find_split, reversed(folders))), _find_shard(name))
        if split is None:
            others.append(file)
        else:
            groups.setdefault(split, []).append(file)
    if not groups:
        return {"train": others}, []
    return sort_splits(groups), others


def sort_splits(by_split: Mapping[str, T]) -> dict[str, T]:
    """Sort by split: `train`, `validation` and `test`, then the others as they are."""
    return {split: by_split[split] for split in (*_WORDS, *by_split) if split in by_split}


def _find_shard(name: str) -> str | None:
    shard = Shard.parse(name)
    if shard is None:
        return None
    base = re.sub(r"\.\w+$", "", shard.base)
    return base if _SPLIT.fullmatch(base) else None
