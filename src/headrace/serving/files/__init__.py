"""Predict the rows of files: read with the types of the model, in batches of bounded memory."""

from headrace.serving.files.image_files import (
    ImageFilePredictions,
    predict_image_files,
    takes_image_files,
)
from headrace.serving.files.predict_files import FilePredictions, predict_files

__all__ = [
    "FilePredictions",
    "ImageFilePredictions",
    "predict_files",
    "predict_image_files",
    "takes_image_files",
]
