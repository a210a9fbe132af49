"""From a trained model to one ONNX file, and proof that the file computes the same.

Importing this package does not import torch. `export` and `verify` need it; `load` does not.
"""

from headrace.deploy.export import export
from headrace.deploy.verification import Difference, OutputCheck, Trial, Verdict
from headrace.deploy.verify import verify
from headrace.heads import Classifier, Head, MultiLabelClassifier, QuantileRegressor, Regressor
from headrace.serving import Predictor, load

__all__ = [
    "Classifier",
    "Difference",
    "Head",
    "MultiLabelClassifier",
    "OutputCheck",
    "Predictor",
    "QuantileRegressor",
    "Regressor",
    "Trial",
    "Verdict",
    "export",
    "load",
    "verify",
]
