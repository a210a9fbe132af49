"""Write a first recipe for raw data, from what the data looks like."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from headrace.arguments import check_choice
from headrace.data import Dataset
from headrace.data.formats import open_dataset
from headrace.errors import UsageError
from headrace.inspection import Findings, ImageFindings, LabelKind, inspect, inspect_images
from headrace.recipes.drafts.images import write_image_recipe
from headrace.recipes.drafts.kind import Kind, find_kind
from headrace.recipes.drafts.origin import find_origin
from headrace.recipes.drafts.table import write_table_recipe
from headrace.recipes.drafts.text import write_text_recipe
from headrace.storage import expand_home, local_path, local_target, write_text

__all__ = ["Draft", "init"]


@dataclass(frozen=True)
class Draft:
    """A recipe that was written, and what was found in the data.

    Attributes:
        path: The file of the recipe.
        findings: What was found, and what each column is used for.
    """

    path: Path
    findings: Findings | ImageFindings


def init(
    data: str | os.PathLike[str],
    label: str | None = None,
    *,
    time_column: str | None = None,
    group: str | None = None,
    out: str | os.PathLike[str] | None = None,
    label_kind: str | None = None,
    keep: Collection[str] = (),
    drop: Collection[str] = (),
    weights: str | os.PathLike[str] | None = None,
    force: bool = False,
) -> Draft:
    """Look at raw data, and write a recipe for it that runs as it is, and that can be edited.

    Args:
        data: A CSV, JSON lines, Parquet, Arrow or TFRecord file, or a pattern; or a folder of images, with a
            folder per class, or with `train` and `test`.
        label: The column to predict.
        time_column: The column by which rows are split: the last ones are held out.
        group: The column whose groups are kept together by the split.
        out: The file to write; by default the name of the data, in the current folder.
        label_kind: Whether the label is "classes" or a "number"; None decides by its values.
        keep: Columns to use even if they seem to give the answer away.
        drop: Columns to leave out.
        weights: Images: a file of weights to start from, of a network of the model zoo.
        force: Replace an existing file.

    Raises:
        UsageError: The file exists, the data cannot be read, or it has too few rows.
        SchemaError: A column does not exist, or the label cannot be one.

    Example:
        >>> import headrace as hr
        >>> draft = hr.recipes.init("flchain.csv", label="death")  # doctest: +SKIP
        >>> draft.path  # doctest: +SKIP
        PosixPath('flchain.py')
    """
    source = expand_home(os.fspath(data))
    kind = None if label_kind is None else check_choice(label_kind, "label_kind", ("classes", "number"))
    target = _choose_file(source, out)
    if target.exists() and not force:
        hint = "pass another name as out, or force to replace it"
        raise UsageError("the file exists already", path=str(target), hint=hint)
    what = find_kind(source)
    if what == "images":
        for name, value in (("label", label), ("time_column", time_column), ("group", group)):
            if value is not None:
                problem = f"{name} is {value!r}, but images have no columns"
                raise UsageError(problem, path=source, hint="the folder of an image is its class")
        return _draft_images(source, target, weights)
    if weights is not None:
        raise UsageError("weights are for folders of images", path=source, hint="leave weights out")
    dataset = _open(source, what)
    if label is None and what == "texts":
        label = "label"
    if label is None:
        hint = f"choose one of its columns: {', '.join(dataset.schema.names[:12])}"
        raise UsageError("expected the column to predict, got none", path=source, hint=hint)
    findings = inspect(
        dataset,
        dataset.schema,
        label,
        time_column=time_column,
        group=group,
        label_kind=cast("LabelKind | None", kind),
        keep=keep,
        drop=drop,
    )
    uses = {role.use for role in findings.roles}
    is_text = "text" in uses and not uses & {"number", "category", "date"}
    write = write_text_recipe if is_text else write_table_recipe
    write_text(target, write(findings, find_origin(source, target, dataset, what)))
    return Draft(target, findings)


def _open(path: str, kind: Kind) -> Dataset:
    if kind == "texts":
        return Dataset.from_text(path)
    place = local_path(path)
    return Dataset.from_parquet(path) if place is not None and place.is_dir() else open_dataset(path)


def _draft_images(source: str, target: Path, weights: str | os.PathLike[str] | None) -> Draft:
    findings = inspect_images(source)
    network = None
    if weights is not None:
        from headrace.vision import identify_weights  # torch

        network = (local_target(weights), identify_weights(weights))
    write_text(target, write_image_recipe(findings, target, network))
    return Draft(target, findings)


def _choose_file(source: str, out: str | os.PathLike[str] | None) -> Path:
    if out is not None:
        path = Path(expand_home(os.fspath(out)))
        if path.suffix != ".py":
            raise UsageError("expected the name of a Python file", path=str(path), hint="let it end in .py")
        return path
    stem = Path(source.rstrip("/")).name.split(".")[0]
    return Path(f"{re.sub(r'[^A-Za-z0-9]+', '_', stem).strip('_') or 'recipe'}.py")
