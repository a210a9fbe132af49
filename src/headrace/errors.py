"""The errors Headrace raises, all of one tree.

    HeadraceError
    ├── RecordError      corrupt bytes in a record file
    ├── SchemaError      a missing column or feature, or one of the wrong type or shape
    ├── TraceError       a preprocessing function that cannot be traced to a graph
    ├── ModelError       an invalid or mismatched model, checkpoint or ONNX file
    ├── UsageError       an invalid argument, option or path
    ├── RankError        another process of a training that failed, ended or hangs
    └── DependencyError  an optional package that is not installed (an ImportError, too)

Every error names the place and the remedy, and carries both as fields.
"""

from __future__ import annotations

__all__ = [
    "DependencyError",
    "HeadraceError",
    "ModelError",
    "RankError",
    "RecordError",
    "SchemaError",
    "TraceError",
    "UsageError",
]

_MOST = 1000  # characters of a text in a message, which may quote a value of any size
# Names of files and texts of other libraries may hold line ends; a message is one line.
_ESCAPES = {code: repr(chr(code))[1:-1] for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


class HeadraceError(Exception):
    """The base class: what went wrong, where, and what to do about it.

    Args:
        what: The message, such as "expected X, got Y", without the place.
        path: The file concerned.
        record: The record's number in its file, from 0.
        offset: The byte offset in the file at which the record starts.
        feature: The feature or column concerned.
        line: The line of `path`, if that is a source file.
        hint: The remedy, as an imperative clause.

    Attributes:
        rank: The number of the process that raised it, in a training on several processes.
    """

    rank: int | None = None

    def __init__(
        self,
        what: str,
        *,
        path: str | None = None,
        record: int | None = None,
        offset: int | None = None,
        feature: str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.path = path
        self.record = record
        self.offset = offset
        self.feature = feature
        self.line = line
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        """Format as one line: `rank R: PATH, record N at byte M: feature 'F': WHAT; HINT.`."""
        place = self.path or ""
        if self.line is not None:
            place += f", line {self.line}" if place else f"line {self.line}"
        if self.record is not None:
            place += f", record {self.record:,}" if place else f"record {self.record:,}"
        if self.offset is not None:
            place += f" at byte {self.offset:,}" if place else f"byte {self.offset:,}"
        parts = [] if self.rank is None else [f"rank {self.rank}"]
        parts += [place] if place else []
        if self.feature is not None:
            parts.append(f"feature '{_escape(_shorten(self.feature))}'")
        what = _shorten(self.what) if self.hint is None else f"{_shorten(self.what)}; {_shorten(self.hint)}"
        text = ": ".join([*parts, what if what.endswith("?") else what.rstrip(".") + "."])
        return text.translate(_ESCAPES)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the fields when pickled: worker processes pass errors to their parent."""
        return (type(self), (self.what,), self.__dict__)


def _shorten(text: str) -> str:
    """Leave out the middle of a long text."""
    return text if len(text) <= _MOST else f"{text[: _MOST // 2]} ... {text[-_MOST // 2 :]}"


def _escape(name: str) -> str:
    """Escape what would break the line, or not be seen, in a name that a file gives."""
    if name.isprintable():
        return name
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in name)


class RecordError(HeadraceError):
    """A record file is corrupt."""


class SchemaError(HeadraceError):
    """A column or feature is missing, or has the wrong type or shape."""


class TraceError(HeadraceError):
    """A preprocessing function cannot be traced to a graph."""


class ModelError(HeadraceError):
    """A model, checkpoint or ONNX file is invalid, or does not match its transform or head."""


class UsageError(HeadraceError):
    """An argument, option or path is invalid."""


class RankError(HeadraceError):
    """Another process of a training on several processes failed, ended or hangs; the message names it."""


class DependencyError(HeadraceError, ImportError):
    """An optional package is not installed; `hint` names the extra that installs it."""
