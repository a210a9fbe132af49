"""`verify` passes identical models, and finds skew wherever it is planted."""

import copy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace.columns import to_arrow
from headrace.deploy import Classifier, verify
from headrace.errors import UsageError


def test_the_exported_model_passes(images, offers) -> None:
    for each in (images, offers):
        batches = [each.batch.slice(0, 1), each.batch.slice(1, 6), each.batch.slice(7)]
        verdict = verify(each.path, batches, transform=each.transform, model=each.model, head=each.head)
        assert verdict.passed
        assert verdict.rows == each.batch.num_rows
        assert [check.output for check in verdict.outputs] == list(each.head.outputs)
        assert all(check.largest_difference <= 1e-5 for check in verdict.outputs)
        assert {check.values // verdict.rows for check in verdict.outputs} <= {1, 3}


def test_other_weights_are_skew(offers) -> None:
    other = copy.deepcopy(offers.model)
    with torch.no_grad():
        other.last.bias += 1e-3
    verdict = verify(offers.path, [offers.batch], transform=offers.transform, model=other, head=offers.head)
    (check,) = verdict.outputs
    assert not verdict.passed
    assert check.mismatches == verdict.rows
    values = np.asarray(hr.deploy.load(offers.path).predict(offers.batch)[check.output]) + 1e-3
    scale = np.sqrt(np.square(values).mean())  # the network computes in float32 only
    assert check.largest_difference == pytest.approx(1e-3 / scale, rel=0.01)


def test_another_preprocessing_is_skew(images) -> None:
    """One of the two forgot to divide by 255."""
    transform = hr.transform.analyze(
        lambda x: {"image": hr.transform.reshape(x["image"] * 1.0, (1, 8, 8))}, [images.batch]
    )
    verdict = verify(images.path, [images.batch], transform=transform, model=images.model, head=images.head)
    assert not verdict.passed
    assert verdict.outputs[1].mismatches > 0


def test_skew_in_one_row_of_many_is_found(images) -> None:
    """The preprocessing differs for the darkest pixel value only."""
    pixels = np.full((5, 8, 8), 9, np.uint8)
    pixels[3, 2, 2] = 0
    t = hr.transform
    transform = t.analyze(
        lambda x: {"image": t.reshape(t.maximum(x["image"] / 255, 5 / 255), (1, 8, 8))}, [images.batch]
    )
    batch = pa.record_batch({"image": to_arrow(pixels)})
    verdict = verify(images.path, [batch], transform=transform, model=images.model, head=images.head)
    assert not verdict.passed
    assert 0 < verdict.outputs[1].mismatches <= 3


def test_class_names_in_another_order_are_skew(images) -> None:
    head = Classifier(("bag", "shoe", "shirt"))
    verdict = verify(images.path, [images.batch], transform=images.transform, model=images.model, head=head)
    assert not verdict.passed
    label, probabilities = verdict.outputs
    assert label.mismatches > 0
    assert probabilities.mismatches == 0


def test_nan_on_one_side_only_is_a_mismatch(offers) -> None:
    other = copy.deepcopy(offers.model)
    with torch.no_grad():
        other.last.bias += torch.nan
    verdict = verify(offers.path, [offers.batch], transform=offers.transform, model=other, head=offers.head)
    assert verdict.outputs[0].mismatches == verdict.rows


@pytest.mark.parametrize("broken", [torch.nan, torch.inf])
def test_answers_none_of_which_is_finite_are_not_verified(offers, tmp_path: Path, broken: float) -> None:
    """Both sides agree, but on nothing."""
    model = copy.deepcopy(offers.model)
    with torch.no_grad():
        model.last.bias += broken
    parts = {"transform": offers.transform, "model": model, "head": offers.head}
    verdict = verify(hr.deploy.export(tmp_path / "model.onnx", **parts), [offers.batch], **parts)
    (check,) = verdict.outputs
    assert (check.mismatches, check.not_finite) == (0, check.values)
    assert not verdict.passed
    assert f"{check.output}: no value is finite, in PyTorch neither" in repr(verdict)


@pytest.mark.parametrize("batches", [0, 2])
def test_data_without_rows_is_refused(images, batches: int) -> None:
    empty = [images.batch.slice(0, 0)] * batches
    with pytest.raises(UsageError, match="no rows to compare"):
        verify(images.path, empty, transform=images.transform, model=images.model, head=images.head)


def test_tables_of_any_form_are_compared(offers) -> None:
    parts = {"transform": offers.transform, "model": offers.model, "head": offers.head}
    table = pa.Table.from_batches([offers.batch])
    for data in (table, table.to_pandas(), table.to_pydict(), table.to_pylist(), iter([offers.batch])):
        assert verify(offers.path, data, **parts).rows == offers.batch.num_rows
    with pytest.raises(UsageError, match="expected a table"):
        verify(offers.path, "rows.csv", **parts)
