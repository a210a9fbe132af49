"""Batches are cut before images are decoded, and a pipeline resumes as without that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.images import encode_png


class Decode:
    """A function that notes the rows of each call, and declares that its output is large."""

    rows_at_once = 3

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.sizes.append(batch.num_rows)
        return batch


def rows() -> hr.Dataset:
    return hr.Dataset.from_arrow(pa.table({"x": np.arange(1000)}))


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_function_sees_the_batches_that_are_cut_after_it(shuffle: bool) -> None:
    decode = Decode()
    ds = rows().shuffle(seed=0) if shuffle else rows()
    found = [batch["x"].to_pylist() for batch in ds.map(decode).batch(30)]
    assert decode.sizes == [30] * 33 + [10]
    assert found == [batch["x"].to_pylist() for batch in ds.batch(30)]


def test_stages_that_drop_rows_stay_in_front_of_the_batches() -> None:
    decode = Decode()
    kept = rows().map(decode).filter(lambda batch: pa.array(batch["x"].to_numpy() % 2 == 0)).batch(30)
    assert [batch.num_rows for batch in kept] == [30] * 16 + [20]
    assert decode.sizes[0] > 30


def test_a_position_is_resumed() -> None:
    ds = rows().shuffle(seed=0).map(Decode()).batch(30, drop_remainder=True).prefetch()
    first = iter(ds)
    for _ in range(7):
        next(first)
    state, expected = first.state_dict(), [batch["x"].to_pylist() for batch in first]
    second = iter(ds)
    second.load_state_dict(state)
    assert [batch["x"].to_pylist() for batch in second] == expected
    assert len(expected) == 26


def test_a_transform_declares_how_many_images_it_decodes_at_once() -> None:
    batch = pa.record_batch({"image": [encode_png(np.zeros((4, 4, 3), np.uint8))], "x": [1.0]})

    def preprocess(inputs: Any) -> dict[str, t.Column]:
        return {"image": t.resize(t.decode_image(inputs["image"]), 256, 256), "x": inputs["x"] * 2}

    transform = t.analyze(preprocess, [batch])
    assert transform.rows_at_once == (64 << 20) // (3 * 256 * 256 * 4)
    assert transform.select(["x"]).rows_at_once is None
