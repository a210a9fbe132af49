"""Situations from public reports about TF Transform and scikit-learn: right values here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from headrace import transform as ht
from headrace.data import Dataset

Preprocess = Callable[[Any], Any]
NAN = float("nan")
ROWS: dict[str, tuple[dict[str, Any], Preprocess, list[Any]]] = {
    "transform#47": ({"x": [5.0, 5.0]}, lambda c: ht.scale_to_z_score(c["x"]), [0.0, 0.0]),
    "transform#78": ({"x": [1.0, NAN, 3.0]}, lambda c: ht.scale_to_z_score(c["x"]), [-1.0, NAN, 1.0]),
    "transform#199": (
        {"x": [NAN, NAN]},
        lambda c: ht.apply_buckets_with_interpolation(c["x"], ht.quantiles(c["x"], 4)),
        [0.5, 0.5],
    ),
    "transform#63": (
        {"x": [-1.0] * 3 + [0.0] * 4 + [1.0] * 3},
        lambda c: ht.bucketize(c["x"], 10),
        [3] * 3 + [7] * 4 + [9] * 3,
    ),
    "transform#265": (
        {"x": [["a", "b"], [], ["a"]]},
        lambda c: ht.compute_and_apply_vocabulary(c["x"]),
        [[0, 1], [], [0]],
    ),
    "transform#284": (
        {"x": ["a", "a", "b", "c"]},
        lambda c: ht.compute_and_apply_vocabulary(c["x"], top_k=1, num_oov_buckets=2) > 0,
        [False, False, True, True],
    ),
    "scikit-learn#13194": ({"x": [0.05, 0.05, 0.95]}, lambda c: ht.bucketize(c["x"], 10), [6, 6, 9]),
    "scikit-learn#25594": ({"x": [-1.0, -1.0, 1.0, 1.0]}, lambda c: ht.bucketize(c["x"], 3), [1, 1, 2, 2]),
    "scikit-learn#19416": (
        {"x": [0, 0, 0, 0, 0, 1, 1, 1, 2, 3]},
        lambda c: ht.bucketize(c["x"], 3),
        [1] * 5 + [2] * 5,
    ),
    "scikit-learn#18638": ({"x": [0, 0, 0, 3, 3, 3]}, lambda c: ht.bucketize(c["x"], 3), [1, 1, 1, 2, 2, 2]),
    "cobra#39": (
        {"x": [1.0, np.inf, -np.inf, 2.0]},
        lambda c: ht.bucketize(c["x"], 2),
        [1, 1, 0, 1],
    ),
    "category_encoders#221": (
        {"x": pd.Series(pd.Categorical(["a", "b", "a", None]))},
        lambda c: ht.compute_and_apply_vocabulary(c["x"]),
        [0, 1, 0, -1],
    ),
}


@pytest.mark.parametrize("report", ROWS)
def test_transforms_have_the_right_values(report: str) -> None:
    columns, preprocess, expected = ROWS[report]
    ds = Dataset.from_arrays(columns)
    transform = ht.analyze(lambda c: {"y": preprocess(c)}, ds)
    found = [value for batch in ds.map(transform) for value in batch["y"].to_pylist()]
    assert repr(found) == repr(expected)


def test_transform_220_a_key_that_was_not_seen_has_no_other_key_s_mean() -> None:
    ds = Dataset.from_arrays({"x": [1.0, 3.0, 10.0], "k": ["a", "a", "b"]})
    transform = ht.analyze(lambda c: {"y": ht.scale_to_z_score_per_key(c["x"], c["k"])}, ds)
    assert transform({"x": [3.0, 3.0], "k": ["a", "unseen"]})["y"].to_pylist() == [1.0, 3.0]
