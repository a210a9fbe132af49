"""Serving: predictions for raw rows from an exported model. Never imports torch or matplotlib."""

from headrace.serving.predictor import Predictor, load

__all__ = ["Predictor", "load"]
