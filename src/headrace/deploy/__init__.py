"""From a trained model to one ONNX file, and proof that the file computes the same.

Importing this package does not import torch. `export` and `verify` need it; `load` does not.
"""

from headrace.deploy.export import export
from headrace.deploy.verify import OutputCheck, Verdict, verify
from headrace.heads import Classifier, Head, Regressor
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
