"""A loaded model accepts rows as users have them, and names the column that is wrong."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import ModelError, SchemaError
from headrace.serving import Input, load


def test_models_of_earlier_versions_predict_the_same(images, offers) -> None:
    for golden in (images, offers):
        found = load(golden.path).predict(golden.batch).to_pydict()
        assert found.keys() == golden.predictions.keys()
        for name, expected in golden.predictions.items():
            if name == "label":
                assert found[name] == expected
            else:
                np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6)


def test_a_record_batch(images) -> None:
    found = load(images.path, threads=1).predict(images.batch)
    assert found.schema.names == ["label", "probabilities"]
    assert found.num_rows == images.batch.num_rows
    assert set(found["label"].to_pylist()) <= {"shirt", "shoe", "bag"}
    np.testing.assert_allclose([sum(row) for row in found["probabilities"].to_pylist()], 1, atol=1e-6)


def test_a_dict_of_lists_and_of_arrays(images, offers) -> None:
    rows = offers.batch.slice(0, 3)
    assert load(offers.path).predict(rows.to_pydict()).equals(load(offers.path).predict(rows))
    pixels = {"image": images.batch["image"].to_numpy_ndarray()}
    assert load(images.path).predict(pixels).equals(load(images.path).predict(images.batch))


def test_integers_for_a_float_input(offers) -> None:
    predictor = load(offers.path)
    assert predictor.predict({"text": ["x"], "price": [3]}) == predictor.predict(
        {"text": ["x"], "price": [3.0]}
    )


def test_columns_the_model_does_not_need_are_ignored(offers) -> None:
    load(offers.path).predict({"text": ["x"], "price": [3.0], "other": [{"nested": 1}]})


def test_a_missing_column_names_similar_columns(offers) -> None:
    with pytest.raises(SchemaError, match="did you mean 'prize'") as caught:
        load(offers.path).predict({"text": ["x"], "prize": [3.0]})
    assert caught.value.feature == "price"
    with pytest.raises(SchemaError, match="the model needs text, price"):
        load(offers.path).predict({"text": ["x"], "zzz": [3.0]})


@pytest.mark.parametrize(
    ("feature", "values"),
    [("price", ["3"]), ("price", [True]), ("price", [[3.0, 4.0]]), ("text", [3]), ("text", [["x", "y"]])],
)
def test_a_column_of_the_wrong_type(offers, feature: str, values: list) -> None:
    with pytest.raises(SchemaError) as caught:
        load(offers.path).predict({"text": ["x"], "price": [3.0]} | {feature: values})
    assert caught.value.feature == feature
    assert caught.value.hint is not None


def test_images_of_another_size(images) -> None:
    with pytest.raises(SchemaError, match=r"shape \[8, 8\] per row, got \[9, 9\]") as caught:
        load(images.path).predict({"image": np.zeros((2, 9, 9), np.uint8)})
    assert caught.value.feature == "image"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [[1.0, "x"], [1.0, 2.0]])
def test_columns_that_do_not_form_a_record_batch(offers, values: list) -> None:
    with pytest.raises(SchemaError, match=r"'price': expected (values of one type|1 rows)"):
        load(offers.path).predict({"text": ["x"], "price": values})


def test_files_that_are_not_models(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="check the path") as caught:
        load(tmp_path / "absent.onnx")
    assert caught.value.path == str(tmp_path / "absent.onnx")
    other = tmp_path / "notes.onnx"
    other.write_text("not a model\n")
    with pytest.raises(ModelError, match="that headrace exported") as caught:
        load(other)
    assert caught.value.path == str(other)


def test_a_ragged_input_accepts_lists(tmp_path: Path) -> None:
    transform = hr.transform.analyze(
        lambda x: {"same": x["ids"]}, [pa.record_batch({"ids": pa.array([[1, 2], []])})]
    )
    transform.to_onnx(tmp_path / "ids.onnx")
    predictor = load(tmp_path / "ids.onnx")
    assert predictor.predict({"ids": [0, 1, 2]}).to_pylist() == [{"same": [0, 1, 2]}]
    values, splits = predictor.run(pa.record_batch({"ids": [[0], [], [7, 8]]})).values()
    assert values.tolist() == [0, 7, 8]
    assert splits.tolist() == [0, 1, 1, 3]
    with pytest.raises(SchemaError, match="expected a list per row, got one value") as caught:
        predictor.predict(pa.record_batch({"ids": [0, 1, 2]}))
    assert caught.value.feature == "ids"


def test_outputs_of_different_numbers_of_rows_are_one_line(echo) -> None:
    words = Input("words", "string", (None,), ("words.values", "words.row_splits"))
    predictor = echo(words, Input("n", "int64", (), ("n",)))
    rows = {"words": [["a", "b", "c"], []], "n": [1, 2]}
    message = r"same number of rows, got 'words.values.out' 3, 'words.row_splits.out' 3, 'n.out' 2"
    with pytest.raises(ModelError, match=message):
        predictor.predict(rows)
    assert predictor.run(rows)["words.row_splits.out"].tolist() == [0, 3, 3]
