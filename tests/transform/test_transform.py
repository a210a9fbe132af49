from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.columns import ColumnType

BATCH = pa.record_batch(
    {
        "age": pa.array([20.0, None, 40.0, 60.0]),
        "city": pa.array(["Rome", "Oslo", "", "Rome"]),
        "text": pa.array(["Hello, it's me", "", "x y x", "me"]),
        "image": pa.array([[0, 51], [102, 153], [204, 255], [1, 2]], pa.list_(pa.uint8(), 2)),
        "label": pa.array([0, 1, 0, 1]),
    }
)


def preprocess(x: Any) -> dict[str, t.Column]:
    return {
        "age": t.scale_to_z_score(t.fill_missing(x["age"], t.mean(x["age"]))),
        "bucket": t.bucketize(x["age"], 3),
        "city": t.compute_and_apply_vocabulary(x["city"], num_oov_buckets=2, vocab_filename="cities"),
        "tokens": t.compute_and_apply_vocabulary(t.tokenize(x["text"]), default_value=99),
        "image": t.reshape(x["image"] / 255, (1, 2, 1)),
        "label": x["label"],
    }


@pytest.fixture(scope="module")
def frozen() -> hr.Transform:
    return t.analyze(preprocess, [BATCH.slice(0, 3), BATCH.slice(3)])


def test_a_transform_maps_a_batch_to_a_batch(frozen: hr.Transform) -> None:
    out = frozen(BATCH).to_pydict()
    filled = np.array([20, 40, 40, 60])
    np.testing.assert_allclose(out["age"], (filled - 40) / filled.std())
    assert out["bucket"] == [1, 2, 2, 2]  # boundaries 20 and 40; missing values are last
    assert out["city"][::3] == [0, 0]
    assert out["city"][1] == 1
    assert out["city"][2] in (2, 3)
    assert frozen.vocabularies == {
        "cities": ["Rome", "Oslo"],
        "tokenize(text)": ["me", "x", "hello", "it's", "y"],
    }
    assert out["tokens"] == [[2, 3, 0], [], [1, 4, 1], [0]]
    assert out["label"] == [0, 1, 0, 1]
    assert frozen(BATCH.slice(1, 2)).to_pydict() == {name: values[1:3] for name, values in out.items()}


def test_other_columns_are_ignored_in_any_order(frozen: hr.Transform) -> None:
    names = ["unused", *reversed(BATCH.schema.names)]
    more = BATCH.append_column("unused", pa.array([None] * 4, pa.date32())).select(names)
    assert frozen(more).equals(frozen(BATCH))


def test_every_batch_has_the_output_schema(frozen: hr.Transform) -> None:
    assert frozen.output_schema == frozen(BATCH).schema == frozen(BATCH.slice(0, 0)).schema
    assert frozen.output_schema.field("image").type == pa.fixed_shape_tensor(pa.float32(), (1, 2, 1))
    assert frozen.output_schema.field("tokens").type == pa.list_(pa.int64())
    assert frozen.output_types["image"] == ColumnType("float32", (1, 2, 1))
    assert frozen.output_types["tokens"] == ColumnType("int64", ragged=True)
    assert list(frozen.input_types) == ["age", "city", "text", "image", "label"]


def test_select_and_without_need_fewer_inputs(frozen: hr.Transform) -> None:
    assert frozen.select(["bucket"]).input_types == {"age": ColumnType("float64")}
    served = frozen.without("label", "image")
    assert served(BATCH.select(["age", "city", "text"])).schema.names == ["age", "bucket", "city", "tokens"]
    for ask in (frozen.select, lambda names: frozen.without(*names)):
        with pytest.raises(hr.SchemaError, match="the transform has no output 'lable'; choose among age"):
            ask(["lable"])


def test_a_missing_or_wrong_column_names_the_feature(frozen: hr.Transform) -> None:
    with pytest.raises(hr.SchemaError, match="feature 'age': the column is missing") as caught:
        frozen(BATCH.rename_columns(["aged", *BATCH.schema.names[1:]]))
    assert caught.value.feature == "age"
    assert "aged" in str(caught.value)
    wrong = BATCH.set_column(0, "age", pa.array(["20", "30", "40", "60"]))
    with pytest.raises(hr.SchemaError, match="expected a column of float64, got string"):
        frozen(wrong)


def test_lists_of_different_lengths_are_refused_at_the_users_line() -> None:
    batch = pa.record_batch({"a": [[1, 2], [3]], "b": [[1], [2, 3]]})
    with pytest.raises(hr.SchemaError, match="add: the columns have lists of different lengths") as caught:
        t.analyze(lambda x: {"y": x["a"] + x["b"]}, [batch])(batch)
    assert caught.value.path == __file__


def test_two_vocabularies_of_one_name_are_refused() -> None:
    data = [pa.record_batch({"x": ["a", "b", "b"]})]
    with pytest.raises(hr.UsageError, match="two different statistics are named 'x'; give each vocabulary"):
        t.analyze(
            lambda x: {
                "all": t.compute_and_apply_vocabulary(x["x"]),
                "top": t.compute_and_apply_vocabulary(x["x"], top_k=1),
            },
            data,
        )
