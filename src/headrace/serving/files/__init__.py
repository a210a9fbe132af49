"""Predict the rows of files: read with the types of the model, in batches of bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.serving.files.image_files import (
        ImageFilePredictions,
        predict_image_files,
        takes_image_files,
    )
    from headrace.serving.files.table_files import FilePredictions, predict_files

__all__ = [
    "FilePredictions",
    "ImageFilePredictions",
    "predict_files",
    "predict_image_files",
    "takes_image_files",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "FilePredictions": "table_files",
        "ImageFilePredictions": "image_files",
        "predict_files": "table_files",
        "predict_image_files": "image_files",
        "takes_image_files": "image_files",
    },
)
