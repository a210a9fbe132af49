"""The rules of agreement between head, network and label, without a training."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headrace.columns import ColumnType
from headrace.deploy import Classifier, Head, Regressor
from headrace.errors import ModelError, SchemaError
from headrace.heads import Label, agree, check_classes

INTEGER, FLOAT = ColumnType("int64"), ColumnType("float32")


@pytest.mark.parametrize(
    ("head", "type_", "message"),
    [
        (Classifier(), FLOAT, "the label is float32, but Classifier .* cast it to int64"),
        (Classifier(), ColumnType("float32", (1,)), r"the label is float32\[1\], but Classifier .* cast it"),
        (Classifier(), ColumnType("int64", (2, 2)), r"int64\[2, 2\], but .* MultiLabelClassifier\(\)"),
        (Classifier(), ColumnType("int64", ragged=True), "the label is list<int64>, but Classifier"),
        (Classifier(), ColumnType("string"), "the label is string, but .*compute_and_apply_voc"),
        (Regressor(), INTEGER, "the label is int64, but Regressor expects floats; cast it to float32"),
        (Regressor(), ColumnType("bool"), "the label is bool, but Regressor expects floats"),
        (Regressor(), ColumnType("float32", (3, 2)), r"float32\[3, 2\], but Regressor expects one number"),
        (
            Regressor(["a", "b"]),
            ColumnType("float32", (3,)),
            "the label has 3 numbers per row, but Regressor has 2",
        ),
        (Regressor(), ColumnType("float32", ragged=True), "list<float32>, but Regressor expects one number"),
    ],
)
def test_labels_that_do_not_fit_a_head(head: Head, type_: ColumnType, message: str) -> None:
    with pytest.raises(SchemaError, match=f"feature 'y': .*{message}") as raised:
        agree(head, torch.zeros(4, 2), 4, Label("y", type_))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16"])
def test_labels_of_a_classifier(name: str) -> None:
    assert agree(Classifier(), torch.zeros(4, 2), 4, Label("y", ColumnType(name))) == Classifier()


def test_labels_of_a_regressor() -> None:
    for type_ in (FLOAT, ColumnType("float64"), ColumnType("float32", (1,)), ColumnType("float16")):
        agree(Regressor(), torch.zeros(4, 1), 4, Label("y", type_))


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"logits": torch.zeros(4, 2)}, "expected a tensor from the model, got dict; return one tensor"),
        ((torch.zeros(4, 2), torch.zeros(4, 2)), "expected a tensor from the model, got tuple"),
        ([torch.zeros(4, 2)], "expected a tensor from the model, got list"),
        (None, "expected a tensor from the model, got NoneType"),
        (torch.zeros(()), r"expected outputs of shape \[4, classes\], got \[\]"),
        (torch.zeros(8), r"expected outputs of shape \[4, classes\], got \[8\]"),
        (torch.zeros(2, 4), r"expected outputs of shape \[4, classes\], got \[2, 4\]"),
        (torch.zeros(4, 6, 7), "got 3 dimensions; return one logit per class"),
        (torch.zeros(4, 0), r"expected logits \[rows, classes\], got 0 classes"),
        (torch.zeros(4, 3), "the label 'y' has 2 classes, but the model has 3"),
    ],
)
def test_outputs_that_are_not_logits(outputs: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        agree(Classifier(), outputs, 4, Label("y", ColumnType("bool")))


@pytest.mark.parametrize("last", [nn.Softmax(1), nn.Softmax(-1), nn.Sigmoid(), nn.Softmax2d()])
def test_probabilities_in_the_place_of_logits(last: nn.Module) -> None:
    """A second softmax flattens the probabilities; a second sigmoid is always above one half."""
    model: Any = nn.Sequential(nn.Linear(3, 2), nn.Unflatten(1, (2, 1, 1)), last, nn.Flatten())
    with pytest.raises(
        ModelError, match=r"expected logits, got the probabilities of a s.*; remove the last S"
    ):
        agree(Classifier(), model(torch.zeros(4, 3)), 4)
    agree(Regressor(), nn.Sigmoid()(nn.Linear(3, 1)(torch.zeros(4, 3))), 4)


@pytest.mark.parametrize("last", [nn.LogSoftmax(1), nn.Identity(), nn.ReLU(), nn.Tanh()])
def test_logits_may_be_logarithms_of_probabilities(last: nn.Module) -> None:
    agree(Classifier(), last(nn.Linear(3, 2)(torch.zeros(4, 3))), 4)


def agree_on(labels: Tensor, outputs: Tensor) -> None:
    agree(Classifier(), outputs, len(outputs), Label("y", INTEGER), labels)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 3, 1], 3, "label 3 in a model of 3 classes; number the classes from 0"),
        ([0, 1, 2], 1, "label 2 in a model of 2 classes; .* cast the label to a float for regression"),
        ([0, -1, 1], 3, "label -1 in a model of 3 classes; -1 stands for words outside a vocabulary"),
        ([0, -100, 1], 3, "label -100 in a model of 3 classes; .* drop rows without a label"),
    ],
)
def test_labels_out_of_range(labels: list[int], classes: int, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        agree_on(torch.tensor(labels), torch.zeros(3, classes))


def test_labels_in_range() -> None:
    agree_on(torch.tensor([0, 1, 1]), torch.zeros(3, 1))
    agree_on(torch.tensor([0, 1, 1]), torch.zeros(3))
    check_classes(torch.tensor([], dtype=torch.int64), 2)


class _Two(Head):
    outputs = ("low", "high")

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        return raw[:, 0], raw[:, 1]


def test_a_head_of_the_user_makes_its_own_rules() -> None:
    head = _Two()
    assert agree(head, torch.zeros(4, 2), 4, Label("y", ColumnType("float32", (2,)))) is head
