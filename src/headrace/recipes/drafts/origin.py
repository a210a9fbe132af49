"""How a recipe opens its data: the folder and the call."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from headrace.data import Dataset
from headrace.data.formats import find_source_format
from headrace.data.sources import CsvSource
from headrace.errors import UsageError
from headrace.recipes.drafts.kind import Kind
from headrace.recipes.drafts.python_text import write_call, write_literal
from headrace.storage import expand_home, local_path

__all__ = ["Origin", "find_origin", "write_place"]

_METHODS = {
    "arrow": "from_arrow_ipc",
    "csv": "from_csv",
    "jsonl": "from_json_lines",
    "parquet": "from_parquet",
    "tfrecord": "from_records",
}


@dataclass(frozen=True)
class Origin:
    """The data of a recipe.

    Attributes:
        path: The path as the user gave it.
        folder: The expression for the folder of the data; None for a URL.
        name: The name of the file in the folder, a pattern perhaps, or "." for the folder itself; the URL.
        call: The method of `Dataset` that opens it.
        options: Further arguments of the call.
    """

    path: str
    folder: str | None
    name: str
    call: str
    options: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the data."""
        return Path(self.path).name

    def write_open(self, start: str) -> str:
        """Write the statement that opens the data."""
        place = write_literal(self.name)
        if self.folder is not None:
            place = "data_dir or FOLDER" if self.name == "." else f"(data_dir or FOLDER) / {place}"
        return write_call(f"{start}hr.Dataset.{self.call}(", [place, *self.options], ")")


def find_origin(path: str, recipe: Path, data: Dataset, kind: Kind = "table") -> Origin:
    """Describe how a recipe opens a file that is open already.

    Args:
        path: The path, pattern or URL of the data.
        recipe: The file of the recipe, which names data below its own folder relative to itself.
        data: The data.
        kind: What the path holds.

    Raises:
        UsageError: The format is not one of tables.
    """
    local = local_path(expand_home(path))
    if kind == "texts":
        assert local is not None
        return Origin(path, write_place(local, recipe), ".", "from_text")
    if local is not None and local.is_dir():
        return Origin(path, write_place(local, recipe), ".", "from_parquet")
    form = find_source_format(path).name
    if form not in _METHODS:
        hint = "write it as CSV, JSON lines or Parquet"
        raise UsageError(f"cannot start from {form} files", path=path, hint=hint)
    options = _list_options(data)
    if local is None:
        return Origin(path, None, path, _METHODS[form], options)
    return Origin(path, write_place(local.parent, recipe), local.name, _METHODS[form], options)


def write_place(place: Path, recipe: Path) -> str:
    """Write an expression for a path, relative to the recipe if it lies beside it or below."""
    here, place = (Path(os.path.abspath(each)) for each in (recipe.parent, place))  # noqa: PTH100 - keeps links
    if place == here:
        return "Path(__file__).parent"
    if place.is_relative_to(here):
        return f"Path(__file__).parent / {write_literal(place.relative_to(here).as_posix())}"
    return f"Path({write_literal(str(place))})"


def _list_options(data: Dataset) -> tuple[str, ...]:
    """List the arguments that the text files need, so that nothing is left to find when the recipe runs."""
    if not isinstance(data.source, CsvSource):
        return ()
    dialect = data.source.declare({}).dialect
    options = {"delimiter": dialect.delimiter, "header": dialect.header, "encoding": dialect.encoding}
    usual = {"delimiter": ",", "header": True, "encoding": None}
    return tuple(
        f"{name}={write_literal(value)}"
        for name, value in options.items()
        if value not in (usual[name], None) and not (name == "encoding" and value == "utf-8")
    )
