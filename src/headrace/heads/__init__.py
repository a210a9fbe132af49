"""Heads: what the outputs of a network mean, and what head, label, network and class names must agree on.

`agree` is the one place of these rules: training calls it before the first epoch, export and verification
call it again. Users find the heads in `headrace.deploy`. Importing this package does not import torch.
"""

from headrace.heads.agree import agree, check_head, check_names, check_tensor
from headrace.heads.classifier import Classifier, class_logits
from headrace.heads.head import Head
from headrace.heads.infer_head import infer_head
from headrace.heads.label import Label, check_classes, check_label_vectors
from headrace.heads.multi_label_classifier import MultiLabelClassifier
from headrace.heads.named_classes import NamedClasses
from headrace.heads.quantile_regressor import QuantileRegressor
from headrace.heads.regressor import Regressor
from headrace.heads.several_heads import SeveralHeads

__all__ = [
    "Classifier",
    "Head",
    "Label",
    "MultiLabelClassifier",
    "NamedClasses",
    "QuantileRegressor",
    "Regressor",
    "SeveralHeads",
    "agree",
    "check_classes",
    "check_head",
    "check_label_vectors",
    "check_names",
    "check_tensor",
    "class_logits",
    "infer_head",
]
