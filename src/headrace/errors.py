"""The errors Headrace raises, all of one tree.

    HeadraceError
    ├── RecordError      bytes in a record file that are not what they should be
    ├── SchemaError      a column or feature that is missing, or has the wrong type or shape
    ├── TraceError       a preprocessing function that cannot become a graph
    ├── ModelError       a model, checkpoint or ONNX file that does not fit its place
    ├── UsageError       an argument, option or path that cannot be used
    └── DependencyError  an optional package that is not installed (an ImportError, too)

Every error names the place and the way out, and carries both as fields.
"""

from __future__ import annotations

__all__ = [
    "DependencyError",
    "HeadraceError",
    "ModelError",
    "RecordError",
    "SchemaError",
    "TraceError",
    "UsageError",
]


class HeadraceError(Exception):
    """What went wrong, where, and what to do about it.

    Args:
        what: What was expected and what was found, without the place.
        path: The file concerned.
        record: The record's number in its file, from 0.
        offset: The byte offset in the file at which the record starts.
        feature: The feature or column concerned.
        line: The line of `path`, if that is a source file.
        hint: What the reader can do about it, as an imperative clause.
    """

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
        """In one line: `PATH, record N at byte M: feature 'F': WHAT; WAY OUT.`."""
        place = self.path or ""
        if self.line is not None:
            place += f", line {self.line}" if place else f"line {self.line}"
        if self.record is not None:
            place += f", record {self.record:,}" if place else f"record {self.record:,}"
        if self.offset is not None:
            place += f" at byte {self.offset:,}" if place else f"byte {self.offset:,}"
        parts = [place] if place else []
        if self.feature is not None:
            parts.append(f"feature '{self.feature}'")
        what = self.what if self.hint is None else f"{self.what}; {self.hint}"
        return ": ".join([*parts, what if what.endswith("?") else what.rstrip(".") + "."])

    def __reduce__(self) -> tuple[object, ...]:
        """Fields survive a process boundary (worker processes hand errors back)."""
        return (type(self), (self.what,), self.__dict__)


class RecordError(HeadraceError):
    """Bytes in a record file are not what they should be."""


class SchemaError(HeadraceError):
    """A column or feature is missing, or has the wrong type or shape."""


class TraceError(HeadraceError):
    """A preprocessing function cannot become a graph."""


class ModelError(HeadraceError):
    """A model, checkpoint or ONNX file does not fit its place."""


class UsageError(HeadraceError):
    """An argument, option or path cannot be used."""


class DependencyError(HeadraceError, ImportError):
    """An optional package is not installed; `hint` names the extra that installs it."""
