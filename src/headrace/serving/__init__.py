"""Serving: predictions for raw rows from an exported model. Never imports torch or matplotlib."""

from headrace.serving.answers import to_json_rows, to_text_values
from headrace.serving.predictor import METADATA_FORMAT, Predictor, load
from headrace.serving.signature import SIGNATURE_KEY, SIGNATURE_VERSION, Input, Output, Signature
from headrace.serving.unusual import Unusual

__all__ = [
    "METADATA_FORMAT",
    "SIGNATURE_KEY",
    "SIGNATURE_VERSION",
    "Input",
    "Output",
    "Predictor",
    "Signature",
    "Unusual",
    "load",
    "to_json_rows",
    "to_text_values",
]
