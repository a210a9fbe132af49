"""Heads: their arguments, and the outputs of networks that they serve."""

from typing import Any

import numpy as np
import pytest
import torch

from headrace.deploy import Classifier, Regressor
from headrace.errors import ModelError, UsageError


@pytest.mark.parametrize(
    "names", ["cat", b"ab", [], [1, 2], [True, False], [b"a", b"b"], ["a", None], 3, {"a": 0}]
)
def test_class_names_are_a_list_of_strings(names: Any) -> None:
    with pytest.raises(UsageError, match="class_names: expected a list of strings"):
        Classifier(names)


def test_ints_and_bools_are_not_names() -> None:
    """Labels 10, 20, 30 as names would be compared with class numbers 0, 1, 2."""
    for names in ([10, 20, 30], [True, False], np.array([0, 1])):
        with pytest.raises(UsageError, match="as strings, in the order of the logits"):
            Classifier(names)  # pyright: ignore[reportArgumentType]


def test_class_names_are_distinct_and_not_empty() -> None:
    with pytest.raises(UsageError, match="class_names: class 1 has an empty name"):
        Classifier(["a", "", "b"])
    with pytest.raises(UsageError, match="class_names: 'a' is named twice"):
        Classifier(["a", "b", "a"])
    Classifier(np.array(["a", "b"]))  # pyright: ignore[reportArgumentType]


def test_names_or_a_vocabulary() -> None:
    with pytest.raises(UsageError, match="expected class_names or vocabulary, got both"):
        Classifier(["a"], vocabulary="y")
    for name in ("", 3):
        with pytest.raises(UsageError, match="vocabulary: expected the name of a column"):
            Classifier(vocabulary=name)  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match="class_names: 'b' is named twice"):
        Classifier({"A": "b", "B": "b"})


@pytest.mark.parametrize("head", [Classifier(vocabulary="y"), Classifier({"A": "a", "B": "b"})])
def test_names_that_need_a_label(head: Classifier) -> None:
    with pytest.raises(UsageError, match="the class names depend on the vocabulary of the label"):
        head.name({"label": np.array([0, 1])})


@pytest.mark.parametrize("output", ["", None, 3])
def test_the_output_of_a_regressor_is_a_name(output: Any) -> None:
    with pytest.raises(UsageError, match="output: expected a string"):
        Regressor(output)


@pytest.mark.parametrize(
    ("head", "shape", "message"),
    [
        (Classifier(["a", "b"]), (4, 3), "the model has 3 classes, but Classifier has 2 class names"),
        (Classifier(["a", "b", "c"]), (4, 1), "the model has 2 classes, but Classifier has 3 class names"),
        (Classifier(["a", "b", "c"]), (4, 2), "the model has 2 classes, but Classifier has 3 class names"),
        (Classifier(), (4, 3, 2), r"expected logits \[rows, classes\], got 3 dimensions"),
        (Regressor(), (4, 3), "expected one number per row, got 3"),
    ],
)
def test_outputs_of_another_head(head: Any, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        head.tensors(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_one_logit_and_two_names_are_a_sigmoid_with_threshold_one_half(shape: tuple[int, ...]) -> None:
    logits = torch.tensor([-2.0, -1e-7, 0.0, 1e-7, 3.0])
    head = Classifier(["no", "yes"])
    label, probabilities = head.tensors(logits.reshape(shape))
    assert head.name({"label": label.numpy()})["label"].tolist() == ["no", "no", "no", "yes", "yes"]
    torch.testing.assert_close(probabilities[:, 1], logits.sigmoid())
    torch.testing.assert_close(probabilities[:, 0], 1 - logits.sigmoid())
