"""Data sets of the user's own: functions of a recipe or notebook."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

import pyarrow as pa

from headrace.arguments import check_function, check_string, show_value
from headrace.data import Dataset
from headrace.datasets.builders.registry import find_builders
from headrace.datasets.data_folder import data_folder
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.named_folders import check_dataset_name
from headrace.errors import SchemaError, UsageError
from headrace.storage import local_target
from headrace.suggestions import suggest

__all__ = ["builder", "user_builders"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_builders: dict[str, _UserBuilder] = {}


@dataclass(frozen=True)
class _UserBuilder:
    """A function, and what its decorator says of it."""

    function: Callable[[str, Path], object]
    info: DatasetInfo
    folder: Path | None
    downloads: tuple[Download, ...]

    def make(self) -> DatasetBuilder:
        """Make the builder; without downloads, the splits are opened for their columns and sizes."""
        if self.downloads:
            return DatasetBuilder(self.info, self.read, self.downloads)
        folder = self.folder or data_folder() / "downloads" / self.info.name

        def sample(split: str) -> Dataset:
            return self.read(split, folder)

        card = replace(self.info, sample_rows=self.info.full_rows)
        if self.folder is None or folder.is_dir():
            splits = {name: sample(name) for name in self.info.full_rows}
            rows = {name: ds.num_rows or 0 for name, ds in splits.items()}
            schema = next(iter(splits.values())).schema
            label = self.info.label
            if label and label not in schema.names:
                hint = suggest(label, schema.names)
                raise SchemaError(
                    f"the label of '{self.info.name}' is not a column", feature=label, hint=hint
                )
            card = replace(self.info, schema=schema, full_rows=rows, sample_rows=rows)
        return DatasetBuilder(card, self.read, sample=sample)

    def read(self, split: str, folder: Path) -> Dataset:
        """Call the function."""
        ds = self.function(split, folder)
        if not isinstance(ds, Dataset):
            what = f"{self.info.name}: expected a Dataset, the function returned {type(ds).__name__}"
            raise UsageError(what, hint="return hr.Dataset.from_csv(...), from_pandas(...), or another one")
        return ds


def builder(
    name: str | None = None,
    *,
    label: str = "",
    splits: Sequence[str] = ("train", "test"),
    folder: str | PathLike[str] | None = None,
    downloads: Sequence[Download] = (),
    class_names: Sequence[str] = (),
    description: str | None = None,
    licence: str = "",
    source: str = "",
    citation: str = "",
    version: str = "1.0.0",
) -> Callable[[_Function], _Function]:
    """Decorate a function that reads a split, so that `load` knows it by a name.

    `headrace.datasets.prepare` downloads its files and stores the rows as it does for those of the catalogue.

    Args:
        name: The name; None takes that of the function.
        label: The column to predict.
        splits: The names of the splits; the function is called with each.
        folder: The folder to call it with, without downloads.
        downloads: The files to download; the function is called with the folder that holds them.
        class_names: The names of the classes, where the label is an integer.
        description: A few sentences; None takes the docstring of the function.
        licence: The licence of the data.
        source: Where the data come from.
        citation: How to cite the data.
        version: Three numbers; raise it when the rows change.

    Returns:
        A decorator that returns the function unchanged. A later function of the same name replaces it.

    Raises:
        UsageError: The name is in the catalogue, or not a name; a split is named twice, or none; or the
            function does not take a split and a folder.

    Example:
        >>> import headrace as hr
        >>> @hr.datasets.builder(label="square", splits=["train"])
        ... def squares(split, folder):
        ...     return hr.Dataset.from_arrays({"x": [0, 1, 2, 3], "square": [0, 1, 4, 9]})
        >>> hr.datasets.load("squares", "train[:50%]").num_rows
        2
    """

    def register(function: _Function) -> _Function:
        _check_parameters(check_function(function, "builder"))
        named = check_dataset_name(name or getattr(function, "__name__", ""))
        if any(each.info.name == named for each in find_builders()):
            raise UsageError(
                f"the catalogue has a data set '{named}'", hint='choose another name: name="..."'
            )
        info = DatasetInfo(
            name=named,
            description=(function.__doc__ or "").strip() if description is None else description,
            schema=pa.schema([]),
            label=label,
            class_names=tuple(class_names),
            sample_rows={},
            full_rows=dict.fromkeys(_check_splits(splits), 0),
            licence=licence,
            source=source,
            citation=citation,
            version=version,
        )
        place = None if folder is None else local_target(folder)
        _builders[named] = _UserBuilder(cast("Any", function), info, place, tuple(downloads))
        return function

    return register


def _check_splits(splits: Any) -> tuple[str, ...]:
    """Return the names of splits as a tuple; a string is one name.

    Raises:
        UsageError: Splits are not distinct names, or splits is empty.
    """
    names = (splits,) if isinstance(splits, str) else tuple(splits)
    checked = tuple(check_string(each, "splits") for each in names)
    if not checked or len(set(checked)) < len(checked):
        what = f"splits: expected distinct names, got {show_value(list(checked))}"
        raise UsageError(what, hint="name each split once")
    return checked


def _check_parameters(function: Callable[..., Any]) -> None:
    """Check that a function can be called with a split and a folder.

    Raises:
        UsageError: It takes other arguments.
    """
    try:
        inspect.signature(function).bind("train", Path())
    except ValueError:  # a function of C says nothing of its arguments
        return
    except TypeError as error:
        name = getattr(function, "__name__", type(function).__name__)
        what = f"{name}: expected a function of a split and a folder ({error})"
        raise UsageError(what, hint=f"write def {name}(split, folder):") from None


def user_builders() -> dict[str, Callable[[], DatasetBuilder]]:
    """Return functions that make the builders, by name."""
    return {name: each.make for name, each in sorted(_builders.items())}
