"""From a trained model to one ONNX file, and proof that it computes the same."""

from headrace.deploy.export import export
from headrace.deploy.head import Classifier, Head, Regressor
from headrace.deploy.verify import OutputCheck, Verdict, verify
from headrace.serving import Predictor, load

__all__ = [
    "Classifier",
    "Head",
    "OutputCheck",
    "Predictor",
    "Regressor",
    "Verdict",
    "export",
    "load",
    "verify",
]
