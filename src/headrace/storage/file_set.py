"""Sets of files that are written and replaced as a whole, each with a manifest."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headrace.errors import HeadraceError
from headrace.file_errors import wrap_file_errors
from headrace.storage.atomic import AtomicFile
from headrace.storage.commit import Move, commit, complete_commit, pending_path
from headrace.storage.filesystem import expand_home, local_path
from headrace.storage.manifest import FileEntry, Manifest
from headrace.storage.temporary import PENDING_SUFFIX, sweep
from headrace.storage.writers import LocalWriter, sync_files

__all__ = ["FileSet", "check_file_set", "check_file_sets", "file_sets"]

_HINT = "create the directory or choose another place"
_WEB = ("http://", "https://")


def _accept_none(_name: str) -> bool:
    return False


class FileSet:
    """A set of new files, local or at URLs, that get their names together; the manifest gets its name last.

    As a context manager, commits at the end, or discards when an exception passes. If the process is killed
    while files are renamed, the next reader or writer of the set completes the commit. At URLs, files get
    their names one after another.

    Args:
        manifest: The manifest's path or URL; all files lie in its folder or below.
        owns: Whether a file name belongs to this set or an earlier version of it: leftovers of killed writers
            of such files are deleted. Names without folders.
        replaces: Whether a file of the earlier set is deleted if this set does not write it. Names relative
            to the manifest's folder.
        earlier: The names of the earlier set's files, used if it has no manifest. Names as for `replaces`.
        create: Whether to create the manifest's folder and folders below it if they are missing.

    Raises:
        UsageError: The folder cannot be written to.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> with FileSet(folder / "manifest.json") as files:
        ...     files.write(folder / "words.txt", b"a b c")
        >>> sorted(path.name for path in folder.iterdir())
        ['manifest.json', 'words.txt']
    """

    def __init__(
        self,
        manifest: str | os.PathLike[str],
        *,
        owns: Callable[[str], bool] = _accept_none,
        replaces: Callable[[str], bool] = _accept_none,
        earlier: Iterable[str] = (),
        create: bool = False,
    ) -> None:
        self.manifest = expand_home(manifest)
        self._owns, self._replaces, self._create = owns, replaces, create
        self._earlier = list(earlier)
        self._files: list[AtomicFile] = []
        self._created: list[Path] = []
        self._swept: dict[Path, Path] = {}  # with links resolved
        self._name = Path(self.manifest).name
        local = local_path(self.manifest)
        self._local = None if local is None else Path(os.path.realpath(local))
        self._old: Manifest | None = None
        if self._local is not None:
            self._complete_earlier_commit()
            self._prepare(self._local.parent)

    def _prepare(self, folder: Path) -> Path:
        """Create a folder if it is missing, and delete leftovers in it; return it with links resolved."""
        if (resolved := self._swept.get(folder)) is not None:
            return resolved
        missing = [each for each in (folder, *folder.parents) if not each.exists()] if self._create else []
        with wrap_file_errors(str(folder), "cannot be written", _HINT):
            for each in reversed(missing):
                each.mkdir(exist_ok=True)
                self._created.append(each)
        sweep(folder, lambda name: self._is_own(name) or name == f".{self._name}{PENDING_SUFFIX}")
        return self._swept.setdefault(folder, Path(os.path.realpath(folder)))

    def _is_own(self, name: str) -> bool:
        return self._owns(name) or name == self._name

    def _complete_earlier_commit(self) -> None:
        """Complete the commit of a killed writer, or drop it if that is impossible: the set is replaced."""
        assert self._local is not None
        try:
            complete_commit(self.manifest)
        except HeadraceError:
            pending_path(self._local).unlink(missing_ok=True)
        with contextlib.suppress(HeadraceError):  # the set is replaced, damaged manifest or not
            self._old = Manifest.read(self.manifest)

    def open(
        self, path: str | os.PathLike[str], compression: str | None = None, *, checksum: bool = True
    ) -> AtomicFile:
        """Create a file of the set, which the set commits.

        Args:
            path: The final path, or a URL.
            compression: None, "gzip" or "zlib".
            checksum: Whether the manifest names the checksum of all bytes. Pass False for large files whose
                records have checksums, and set the file's `records` before the commit.

        Raises:
            UsageError: Unknown compression, or the file cannot be created.
        """
        local = local_path(os.fspath(path))
        folder = None if local is None else self._prepare(local.parent)
        swept = folder if local is not None and self._is_own(local.name) else None
        file = AtomicFile(path, compression, sync=False, checksum=checksum, swept=swept)
        self._files.append(file)
        return file

    def write(self, path: str | os.PathLike[str], data: Any) -> None:
        """Write a whole file of the set.

        Raises:
            UsageError: The file cannot be written.
        """
        self.open(path).write(data)

    def commit(self) -> None:
        """Give all files their names.

        Raises:
            UsageError: A file cannot be written; the earlier files are back.
        """
        FileSet.commit_together([self])

    def discard(self) -> None:
        """Delete what was written, folders included."""
        if self._local is not None and pending_path(self._local).exists():
            return  # the old files could not be put back: the next reader or writer completes the commit
        for file in self._files:
            file.discard()
        for folder in reversed(self._created):
            try:
                folder.rmdir()
            except OSError:
                break  # somebody else uses it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.discard()
            return
        try:
            self.commit()
        except BaseException:
            self.discard()
            raise

    def _finish(self) -> None:
        """Complete the files, and add the manifest to them."""
        for file in self._files:
            file.finish()
        entries: dict[str, FileEntry] = {}
        for file in self._files:
            if not file.is_stream:
                checksum = None if file.checksum is None else file.checksum.value
                entries[self._relative(file.path)] = FileEntry(file.size, checksum, file.records)
        self.write(self.manifest, Manifest(entries).text.encode())
        self._files[-1].finish()

    def _relative(self, path: str) -> str:
        folder = self.manifest[: len(self.manifest) - len(self._name)]
        if path.startswith(folder):
            return path[len(folder) :]
        return Path(os.path.relpath(path, folder or ".")).as_posix()

    def _moves(self) -> list[Move]:
        """The renames of local files: new files, deletions of old ones, the manifest."""
        writers = [file.local for file in self._files if file.local is not None]
        *files, manifest = [Move.of(writer.target, writer.temporary) for writer in writers]
        new = {move.target for move in files}
        assert self._local is not None
        folder = self._local.parent
        old = self._earlier if self._old is None else self._old.files
        paths = [Path(os.path.realpath(folder / name)) for name in old if self._replaces(name)]
        removed = [path for path in paths if str(path) not in new and path.is_relative_to(folder)]
        return [*files, *(Move.of(path, None) for path in removed), manifest]

    @staticmethod
    def commit_together(sets: Sequence[FileSet]) -> None:
        """Commit several sets as one.

        Raises:
            UsageError: A file cannot be written; the earlier files of all sets are back.
        """
        for each in sets:
            each._finish()
        local = [each for each in sets if each._local is not None]
        if local:
            FileSet._commit_local(local)
        for each in sets:
            for file in each._files:
                if file.local is None:
                    file.commit()

    @staticmethod
    def _commit_local(sets: Sequence[FileSet]) -> None:
        _sync([file.local for each in sets for file in each._files if file.local is not None])
        manifests = [each._local for each in sets if each._local is not None]
        with wrap_file_errors(sets[0].manifest, "the set cannot be written", _HINT):
            commit(manifests, [move for each in sets for move in each._moves()])
        for each in sets:
            for file in each._files:
                if file.local is not None:
                    file.local.release()


def _sync(writers: Sequence[LocalWriter]) -> None:
    with wrap_file_errors(str(writers[0].target), "cannot be written", _HINT):
        sync_files([writer.fileno() for writer in writers])


@contextmanager
def file_sets(sets: Iterable[FileSet]) -> Generator[list[FileSet]]:
    """Commit several sets of files together when the block ends, or discard them when an exception passes.

    Raises:
        UsageError: A file cannot be written; the earlier files are back.
    """
    opened: list[FileSet] = []
    try:
        for each in sets:
            opened.append(each)
        yield opened
        FileSet.commit_together(opened)
    except BaseException:
        for each in opened:
            each.discard()
        raise


def check_file_sets(paths: Iterable[str], manifest_of: Callable[[str], str | None]) -> None:
    """Check files against the manifests of their sets; files of sets without a manifest are not checked.

    Args:
        paths: The files; those on web servers, where nobody commits a set, are not checked.
        manifest_of: Returns the path of a file's manifest, which may not exist, or None.

    Raises:
        UsageError: A manifest is damaged, or an interrupted commit cannot be completed.
        RecordError: A file has another size than the manifest says.
    """
    sets: dict[str, list[str]] = {}
    for path in paths:
        manifest = None if path.startswith(_WEB) else manifest_of(path)
        if manifest is not None:
            sets.setdefault(manifest, []).append(Path(path).name)
    for manifest, names in sets.items():
        check_file_set(manifest, names)


def check_file_set(manifest: str, names: Iterable[str] | None = None) -> Manifest | None:
    """Complete an interrupted commit of a set, and check its files' sizes.

    Args:
        manifest: The manifest's path or URL.
        names: The files to check, relative to the manifest's folder; None: all that the manifest names.

    Returns:
        The manifest, or None if the set has none.

    Raises:
        UsageError: A file is missing, the manifest is damaged, or an interrupted commit cannot be completed.
        RecordError: A file has another size than the manifest says.
    """
    complete_commit(manifest)
    found = Manifest.read(manifest)
    if found is not None:
        found.check_sizes(manifest[: len(manifest) - len(Path(manifest).name)], names)
    return found
