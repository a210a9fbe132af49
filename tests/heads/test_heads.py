"""Heads: their arguments, and the outputs of networks that they serve."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace.deploy import Classifier, MultiLabelClassifier, QuantileRegressor, Regressor
from headrace.deploy.signature import digest_parts
from headrace.errors import ModelError, UsageError

TRANSFORM = hr.transform.analyze(lambda x: {"x": x["x"] * 2.0}, [pa.record_batch({"x": [1.0]})])


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


def test_several_numbers_of_a_regressor() -> None:
    raw = torch.arange(6.0).reshape(3, 2)
    (together,) = Regressor("size", size=2).tensors(raw)
    assert together.tolist() == raw.tolist()
    assert [each.tolist() for each in Regressor(["width", "height"]).tensors(raw)] == [[0, 2, 4], [1, 3, 5]]
    with pytest.raises(ModelError, match=r"expected 3 numbers per row, got 2; return \[rows, 3\]"):
        Regressor(["a", "b", "c"]).tensors(raw)


@pytest.mark.parametrize("quantiles", [(), (0.5, 0.1), (0, 0.5), (0.5, 1), (0.5, 0.5)])
def test_quantiles_are_shares_in_order(quantiles: Any) -> None:
    with pytest.raises(UsageError, match="quantiles: expected"):
        QuantileRegressor(quantiles)


@pytest.mark.parametrize("threshold", [-0.1, 1.5, "half", [0.5]])
def test_a_threshold_is_a_probability(threshold: Any) -> None:
    with pytest.raises(UsageError, match="threshold: expected a number"):
        Classifier(threshold=threshold)
    with pytest.raises(UsageError, match="expected a threshold for each of 2 labels, got 1"):
        MultiLabelClassifier(["a", "b"], threshold=[0.5])


def test_the_digest_of_a_head_of_an_earlier_version_is_the_same() -> None:
    """A file that an earlier version exported is verified with the heads of today."""
    assert digest_parts(TRANSFORM, "", Classifier(["a", "b"]))["head"] == "36901fcb39a74e6c524a19b271a850a6"
    assert digest_parts(TRANSFORM, "", Regressor("y"))["head"] == "31a4d2b8ca4ea148a1cf4bcb89e3e24b"
    assert (
        digest_parts(TRANSFORM, "", Classifier(["a", "b"], threshold=0.3))["head"]
        != "36901fcb39a74e6c524a19b271a850a6"
    )
