"""Find the class folders among the folders below a root, and what is left out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from headrace.data.sources.folders.list_files import FileTree
from headrace.errors import SchemaError
from headrace.source_line import warn_user

__all__ = ["ClassFolders", "NameRule", "find_class_folders"]

_SHOWN = 3  # paths of a reason
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}
_DOCUMENTS = ("readme", "license", "licence", "citation", "copying", "notice", "changelog")


@dataclass(frozen=True)
class NameRule:
    """Which files of a folder count, by their names.

    Attributes:
        kind: What the files are, such as "an image".
        reject: Takes the name of a file, returns why it is left out, or None.
        accepts: Takes an extension in lower case, such as ".txt", returns whether every file that ends in it
            counts.
    """

    kind: str
    reject: Callable[[str], str | None]
    accepts: Callable[[str], bool]

    def accepts_all(self, names: Sequence[str]) -> bool:
        """Return whether extensions alone say that all files count; there is at least one file."""
        first = _find_extension(names[0])
        others = {_find_extension(name) for name in names if not name.endswith(first)}
        return all(self.accepts(extension.lower()) for extension in (first, *others))


@dataclass(frozen=True)
class ClassFolders:
    """Files in class folders.

    Attributes:
        depth: The number of folders above a class folder.
        folders: The sorted names of the files by folder, relative to the root: class folders and those below.
    """

    depth: int
    folders: Mapping[str, list[str]]


def find_class_folders(root: str, tree: FileTree, rule: NameRule) -> ClassFolders:
    """Find the class folders, with all files in them and below; warn of what is left out, in one line.

    The class folders are the first folders, from the root on, that lie next to each other; a single folder
    around them, and files in it such as a README, do not count.

    Args:
        root: The root, for messages.
        tree: The files.
        rule: Says which files are left out.

    Raises:
        SchemaError: No folder holds such a file, or the class folders lie in several folders.
    """
    left_out = {reason: list(paths) for reason, paths in tree.broken.items()}
    chosen: dict[str, list[str]] = {}
    rejected: list[tuple[str, str, str]] = []
    for folder, names in tree.folders.items():
        if names and rule.accepts_all(names):
            chosen[folder] = names
            continue
        for name in names:
            reason = rule.reject(name)
            if reason is None:
                chosen.setdefault(folder, []).append(name)
            else:
                rejected.append((reason, folder, name))
    inside = [folder for folder in chosen if folder]
    depth = _find_depth(root, {folder: len(chosen[folder]) for folder in inside}) if inside else 0
    for reason, folder, name in rejected:
        if _is_below(folder, depth):
            left_out.setdefault(reason, []).append(_join(folder, name))
    for folder in [folder for folder in chosen if not _is_below(folder, depth)]:
        outside = [_join(folder, name) for name in chosen.pop(folder) if not _is_document(name)]
        if outside:
            left_out.setdefault("outside the class folders", []).extend(outside)
    if not chosen:
        what = f"no class folder contains {rule.kind}{_describe(left_out, '; left out ')}"
        raise SchemaError(what, path=root, hint="lay it out as CLASS/FILE")
    if left_out:
        warn_user(f"{root}: {_describe(left_out, 'left out ')}")
    return ClassFolders(depth, {folder: sorted(names) for folder, names in chosen.items()})


def _find_extension(name: str) -> str:
    """Return a name from its last dot on; without a dot, its last character, which is not an extension."""
    return name[name.rfind(".") :]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_below(folder: str, depth: int) -> bool:
    """Return whether a folder is a class folder, or lies in one."""
    return bool(folder) and folder.count("/") >= depth


def _is_document(name: str) -> bool:
    return name.lower().startswith(_DOCUMENTS)


def _find_depth(root: str, counts: Mapping[str, int]) -> int:
    """Find how deep the class folders lie.

    Args:
        root: The root, for the message.
        counts: The number of files by folder.
    """
    base = ""
    while True:
        inside = (folder for folder in counts if folder.startswith(base) and folder != base[:-1])
        below = {folder: counts[folder] for folder in inside}
        names = sorted({folder[len(base) :].partition("/")[0] for folder in below})
        if len(names) != 1:
            break
        only = base + names[0]
        inner = {folder[len(only) + 1 :].partition("/")[0] for folder in below if folder != only}
        direct = counts.get(only, 0)
        if not inner or (len(inner) == 1 and direct >= sum(below.values()) - direct):
            return base.count("/")
        base = f"{only}/"
    if not any(base + name in counts for name in names) or {name.lower() for name in names} <= _SPLITS:
        raise SchemaError(
            f"expected class folders in one folder, found them in {len(names)} ({', '.join(names[:4])})",
            path=root,
            hint=f"pass one of these folders, such as {root.rstrip('/')}/{base}{names[0]}",
        )
    return base.count("/")


def _describe(left_out: Mapping[str, Iterable[str]], start: str) -> str:
    """Count the paths of each reason, and name the first."""
    if not left_out:
        return ""
    parts: list[str] = []
    for reason, paths in sorted(left_out.items()):
        listed = [path.encode("utf-8", "backslashreplace").decode() for path in sorted(paths)]
        shown = ", ".join(listed[:_SHOWN]) + (", ..." if len(listed) > _SHOWN else "")
        parts.append(f"{len(listed):,} x {reason} ({shown})")
    return start + ", ".join(parts)
