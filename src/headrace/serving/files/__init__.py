"""Predict the rows of files: read with the types of the model, in batches of bounded memory."""

from headrace.serving.files.predict_files import FilePredictions, predict_files

__all__ = ["FilePredictions", "predict_files"]
