"""Serving: predictions for raw rows from an exported model. Never imports torch or matplotlib."""

from headrace.serving.answers import hide_infinity, to_json_rows
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
    "hide_infinity",
    "load",
    "to_json_rows",
]
