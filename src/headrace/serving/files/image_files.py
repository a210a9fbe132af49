"""Predictions of image files, in constant memory: those that cannot be read are counted and named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.serving.images import fit_images, list_image_inputs, read_image
from headrace.serving.predictor import Predictor
from headrace.source_line import warn_user

__all__ = ["ImageFilePredictions", "predict_image_files", "takes_image_files"]

_PATH = "path"
_MOST_BYTES, _MOST_ROWS = 16 << 20, 256  # of the pixels of a batch
_SHOWN = 3  # files in a warning


def takes_image_files(predictor: Predictor) -> bool:
    """Return whether a model reads one column, of images."""
    return len(predictor.columns) == 1 and bool(list_image_inputs(predictor.columns))


def predict_image_files(
    predictor: Predictor, files: Sequence[str], keep: Sequence[str] = (), limit: int | None = None
) -> ImageFilePredictions:
    """Predict image files.

    Args:
        predictor: A model of images.
        files: The paths, see `headrace.data.sources.list_image_files`.
        keep: Columns to put beside the answers; image files have no other than `path`, which always is.
        limit: The largest number of files.

    Raises:
        UsageError: The model needs other columns, too.
        SchemaError: A column to keep does not exist, or an output has the name of the column of paths.
    """
    if not takes_image_files(predictor):
        needed = ", ".join(each.name for each in predictor.columns)
        what = f"expected a model of one column of images, got one of {needed}"
        raise UsageError(what, path=predictor.path, hint="pass a table that has these columns")
    other = next((name for name in keep if name != _PATH), None)
    if other is not None:
        what = f"image files have the column '{_PATH}' only"
        raise SchemaError(what, feature=other, hint="join other columns by the path")
    if _PATH in predictor.outputs:
        what = "the model has an output of this name"
        raise SchemaError(what, feature=_PATH, hint="pass a table of the files' bytes")
    return ImageFilePredictions(predictor, files if limit is None else files[:limit])


class ImageFilePredictions:
    """Batches of answers, each beside the path of its file.

    A file that cannot be read has no row; a warning counts and names them at the end.

    Args:
        predictor: The model.
        files: The paths.
    """

    def __init__(self, predictor: Predictor, files: Sequence[str]) -> None:
        self._predictor = predictor
        self._files = files

    @property
    def num_rows(self) -> int:
        """The number of files."""
        return len(self._files)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Predict the files in order.

        Raises:
            HeadraceError: No file can be read; the error of the first.
        """
        unreadable: list[HeadraceError] = []
        paths: list[str] = []
        images: list[np.ndarray] = []
        done = size = 0
        for path in self._files:
            try:
                image = read_image(path)
            except HeadraceError as error:
                unreadable.append(error)
                continue
            paths.append(path)
            images.append(image)
            done, size = done + 1, size + image.nbytes
            del image  # before the next one is decoded
            if size >= _MOST_BYTES or len(paths) == _MOST_ROWS:
                answers = self._answer(paths, images)
                paths, images, size = [], [], 0
                yield answers
        if unreadable and not done:
            raise unreadable[0]
        if paths or not done:
            yield self._answer(paths, images)
        if unreadable:
            warn_user(_describe(unreadable, len(self._files)))

    def _answer(self, paths: list[str], images: list[Any]) -> pa.RecordBatch:
        (column,) = self._predictor.columns
        pixels = images if column.encoding else fit_images(images, column)
        answers = self._predictor.predict({column.name: pixels})
        return pa.RecordBatch.from_arrays(
            [pa.array(map(_show, paths), pa.string()), *answers.columns], names=[_PATH, *answers.schema.names]
        )


def _show(path: str) -> str:
    """Return a path as text; bytes of a name that are not UTF-8 become escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _describe(unreadable: Sequence[HeadraceError], count: int) -> str:
    shown = ", ".join(f"{_show(error.path or '')} ({error.what})" for error in unreadable[:_SHOWN])
    more = ", ..." if len(unreadable) > _SHOWN else ""
    return f"{len(unreadable):,} of {count:,} images cannot be read: {shown}{more}"
