"""How a recipe opens its data: the folder and the call."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from headrace.data import Dataset
from headrace.data.formats import find_source_format
from headrace.data.sources import CsvSource
from headrace.errors import UsageError
from headrace.recipes.drafts.python_text import write_call, write_literal
from headrace.storage import expand_home, local_path

__all__ = ["Origin", "find_origin"]

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
        name: The name of the file in the folder, a pattern perhaps; the URL.
        call: The method of `Dataset` that opens it.
        options: Further arguments of the call.
    """

    path: str
    folder: str | None
    name: str
    call: str
    options: tuple[str, ...] = ()

    def write_open(self, start: str) -> str:
        """Write the statement that opens the data."""
        place = write_literal(self.name)
        if self.folder is not None:
            place = f"(data_dir or FOLDER) / {place}" if self.name != "." else "data_dir or FOLDER"
        return write_call(f"{start}hr.Dataset.{self.call}(", [place, *self.options], ")")


def find_origin(path: str, recipe: Path, data: Dataset) -> Origin:
    """Describe how a recipe opens a file that is open already.

    Args:
        path: The path, pattern or URL of the data.
        recipe: The file of the recipe, which names data below its own folder relative to itself.
        data: The data.

    Raises:
        UsageError: The format is not one of tables.
    """
    form = find_source_format(path).name
    if form not in _METHODS:
        hint = "write it as CSV, JSON lines or Parquet"
        raise UsageError(f"cannot start from {form} files", path=path, hint=hint)
    options = _list_options(data)
    local = local_path(expand_home(path))
    if local is None:
        return Origin(path, None, path, _METHODS[form], options)
    place = Path(os.path.abspath(local))  # noqa: PTH100 - resolve would follow links
    return Origin(path, _write_folder(place.parent, recipe), place.name, _METHODS[form], options)


def _write_folder(folder: Path, recipe: Path) -> str:
    here = Path(os.path.abspath(recipe)).parent  # noqa: PTH100
    if folder == here:
        return "Path(__file__).parent"
    if folder.is_relative_to(here):
        return f"Path(__file__).parent / {write_literal(folder.relative_to(here).as_posix())}"
    return f"Path({write_literal(str(folder))})"


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
