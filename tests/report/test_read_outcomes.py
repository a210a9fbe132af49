"""Outcomes are what the head makes of the outputs: names, thresholds and temperatures count."""

import numpy as np
import pytest

from headrace.deploy import Classifier, MultiLabelClassifier, QuantileRegressor, Regressor
from headrace.heads import SeveralHeads
from headrace.report import Classes, Labels, Numbers, Quantiles, read_labels, read_outcomes

LOGITS = np.array([[2.0, 0.0], [0.0, 1.0]], np.float32)


def test_classes_from_two_logits_from_one_and_from_one_hot_labels() -> None:
    for outputs in (LOGITS, LOGITS[:, 1:] - LOGITS[:, :1], (LOGITS[:, 1] - LOGITS[:, 0])):
        for labels in (np.array([0, 0]), np.array([[0], [0]]), np.array([[1.0, 0.0], [0.9, 0.1]])):
            (found,) = read_outcomes(Classifier(["no", "yes"]), outputs, labels)
            assert isinstance(found, Classes)
            assert (found.names, found.labels.tolist(), found.predicted.tolist()) == (
                ("no", "yes"),
                [0, 0],
                [0, 1],
            )
            assert found.probabilities[1, 1] == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_threshold_and_a_temperature_of_the_head_count() -> None:
    head = Classifier(["no", "yes"], threshold=0.05, temperature=2.0)
    (found,) = read_outcomes(head, LOGITS, np.array([0, 1]))
    assert isinstance(found, Classes)
    assert found.predicted.tolist() == [1, 1]
    assert found.probabilities[0, 1] == pytest.approx(1 / (1 + np.exp(1)))


def test_several_labels_as_vectors_or_lists_of_numbers() -> None:
    head = MultiLabelClassifier(["a", "b"])
    lists = np.empty(2, object)
    lists[:] = [np.array([1, 0]), np.array([], np.int64)]
    for labels in (np.array([[1.0, 1.0], [0.0, 0.0]]), lists):
        (found,) = read_outcomes(head, LOGITS, read_labels(head, labels)[""])
        assert isinstance(found, Labels)
        assert found.labels.tolist() == [[1, 1], [0, 0]]
        assert found.predicted.tolist() == [[1, 0], [0, 1]]


def test_numbers_have_the_names_of_the_head() -> None:
    labels = np.array([[1.0, 2.0], [3.0, 4.0]])
    named = read_outcomes(Regressor(["waist", "pulse"]), LOGITS, labels, units={"waist": "cm"})
    assert [(each.name, each.rows) for each in named] == [("waist", 2), ("pulse", 2)]
    assert isinstance(named[0], Numbers)
    assert (named[0].unit, named[0].labels.tolist(), named[0].predicted.tolist()) == ("cm", [1, 3], [2, 0])
    plain = read_outcomes(Regressor(size=2), LOGITS, labels)
    assert [each.name for each in plain] == ["prediction[0]", "prediction[1]"]


def test_several_heads_and_quantiles() -> None:
    head = SeveralHeads({"kind": Classifier(), "price": QuantileRegressor((0.1, 0.9))})
    labels = {"kind": np.array([0, 1]), "price": np.array([1.0, 2.0], np.float32)}
    kind, price = read_outcomes(head, {"kind": LOGITS, "price": LOGITS}, labels)
    assert isinstance(kind, Classes)
    assert kind.names == ("0", "1")
    assert isinstance(price, Quantiles)
    assert price.predicted.tolist() == [[0.0, 2.0], [0.0, 1.0]]
    assert read_labels(head, labels).keys() == {"kind", "price"}
