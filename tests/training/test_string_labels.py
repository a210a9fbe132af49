"""String labels are numbered by their vocabulary: by the class names of the head, or by the training data."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.deploy import Classifier, Regressor
from headrace.errors import SchemaError, UsageError

LABELS = np.array(["no", "yes", "maybe"] * 8)
X = (np.eye(3, dtype=np.float32)[np.arange(24) % 3] * 3).astype(np.float32)


def make_data(labels: Any = LABELS) -> hr.Dataset:
    return hr.Dataset.from_arrow(
        pa.table({"x": pa.FixedSizeListArray.from_arrays(X.ravel(), 3), "answer": labels})
    )


def train(out_dir: Path, labels: Any = LABELS, **arguments: Any) -> hr.training.FitResult:
    rows = make_data(labels)
    torch.manual_seed(0)
    options: dict[str, Any] = {"epochs": 15, "learning_rate": 0.3, "batch_size": 8, "progress": False}
    return hr.training.fit(
        nn.Linear(3, 3), rows.shuffle(0), rows, label="answer", out_dir=out_dir, **options, **arguments
    )


@pytest.mark.parametrize(
    "labels", [LABELS, pa.array(LABELS).dictionary_encode(), pa.array(LABELS, pa.large_string())]
)
def test_a_string_label_column_with_class_names(tmp_path: Path, labels: Any) -> None:
    result = train(tmp_path, labels, head=Classifier(["maybe", "yes", "no"]))
    assert result.best["validation_accuracy"] == 1
    assert isinstance(result.head, Classifier)
    assert result.head.names == ("maybe", "yes", "no")


@pytest.mark.parametrize("head", [None, Classifier(), Classifier(vocabulary="answer")])
def test_without_class_names_they_are_the_sorted_labels(tmp_path: Path, head: Any) -> None:
    result = train(tmp_path, head=head)
    assert result.best["validation_accuracy"] == 1
    assert isinstance(result.head, Classifier)
    assert result.head.names == ("maybe", "no", "yes")


def test_other_names_for_the_words(tmp_path: Path) -> None:
    result = train(tmp_path, head=Classifier({"no": "NO", "yes": "YES", "maybe": "?"}))
    assert isinstance(result.head, Classifier)
    assert result.head.names == ("NO", "YES", "?")


def test_an_evaluation_numbers_strings_as_the_training_did(tmp_path: Path) -> None:
    model, data = nn.Linear(3, 3), make_data()
    result = hr.training.fit(model, data, data, label="answer", epochs=1, out_dir=tmp_path, progress=False)
    found = hr.training.evaluate(model, data, label="answer", head=result.head)
    assert found["accuracy"] == result.best["validation_accuracy"]
    with pytest.raises(SchemaError, match="the label is strings, of unknown classes; pass head"):
        hr.training.evaluate(model, data, label="answer")


def test_a_label_outside_the_class_names_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the label 'maybe' is not one of the classes") as raised:
        train(tmp_path, head=Classifier(["no", "yes", "maybee"]))
    assert raised.value.feature == "answer"
    assert "'maybee'" in str(raised.value)
    with pytest.raises(SchemaError, match="a label is missing; drop rows"):
        train(tmp_path, pa.array([None, *LABELS[1:]]))


def test_a_string_label_of_a_regression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the label 'answer' is strings, which Regressor does not take"):
        train(tmp_path, head=Regressor())
