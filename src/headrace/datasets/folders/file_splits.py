"""The files of each split, by the card or by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headrace.datasets.folders.card import Card, Config, match_files
from headrace.datasets.folders.data_files import find_kind
from headrace.datasets.folders.split_names import group_by_split
from headrace.errors import UsageError
from headrace.source_line import warn_user

__all__ = ["FileSplits"]


@dataclass(frozen=True)
class FileSplits:
    """The files of each split.

    Attributes:
        kind: The kind of the files; see `headrace.datasets.folders.data_files`.
        files: The files of each split, in order.
        config: What the card says of them.
    """

    kind: str
    files: Mapping[str, Sequence[str]]
    config: Config

    @classmethod
    def find(cls, names: Sequence[str], card: Card, config: str | None, path: str) -> FileSplits | None:
        """Find the splits of a folder; None if it has no files of rows.

        Args:
            names: The files in the folder, with "/".
            card: Its card.
            config: The name of a configuration; None is the default.
            path: The folder, for messages.

        Raises:
            UsageError: Files of several kinds, a name with the words of two splits, or a card that names
                files that are missing.
        """
        chosen = card.choose(config, path)
        inside = [name for name in names if not chosen.folder or name.startswith(f"{chosen.folder}/")]
        if chosen.files:
            given = {split: match_files(inside, each, path) for split, each in chosen.files.items()}
            kind = _find_one_kind([file for files in given.values() for file in files], path)
            return None if kind is None else cls(kind, given, chosen)
        rows = [name for name in inside if find_kind(name) is not None]
        kind = _find_one_kind(rows, path)
        if kind is None:
            return None
        groups, others = group_by_split(rows)
        if others:
            names_ = ", ".join(others[:3]) + (" ..." if len(others) > 3 else "")
            warn_user(f"{path}: {len(others):,} files name no split and are left out: {names_}")
        return cls(kind, groups, chosen)


def _find_one_kind(files: Sequence[str], path: str) -> str | None:
    kinds = Counter(kind for file in files if (kind := find_kind(file)) is not None)
    if len(kinds) > 1:
        found = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        what = f"found files of several kinds: {found}"
        raise UsageError(what, path=path, hint="keep one kind, or list the files of each split in README.md")
    return next(iter(kinds), None)
