"""Serving: predictions for raw rows from an exported model. Never imports torch or matplotlib."""

from headrace.serving.predictor import METADATA_FORMAT, Predictor, load

__all__ = ["METADATA_FORMAT", "Predictor", "load"]
