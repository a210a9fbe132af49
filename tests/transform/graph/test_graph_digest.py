"""A graph's digest changes with its steps and constants, and with nothing else."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.count_calls import count_calls

import headrace as hr
from headrace import transform as t

BATCH = pa.record_batch({"x": [1.0, 2.0, 4.0], "w": ["a", "b", "a"]})


def analyze(function, batch: pa.RecordBatch = BATCH) -> hr.Transform:
    return t.analyze(function, [batch])


def test_steps_outputs_statistics_and_vocabularies_count(tmp_path: Path) -> None:
    base = analyze(lambda x: {"x": t.scale_to_0_1(x["x"]), "w": t.compute_and_apply_vocabulary(x["w"])})
    others = [
        analyze(lambda x: {"x": t.scale_to_z_score(x["x"]), "w": t.compute_and_apply_vocabulary(x["w"])}),
        analyze(lambda x: {"y": t.scale_to_0_1(x["x"]), "w": t.compute_and_apply_vocabulary(x["w"])}),
        analyze(
            lambda x: {"x": t.scale_to_0_1(x["x"]), "w": t.compute_and_apply_vocabulary(x["w"])},
            pa.record_batch({"x": [1.0, 2.0, 5.0], "w": ["a", "b", "a"]}),
        ),
        analyze(
            lambda x: {"x": t.scale_to_0_1(x["x"]), "w": t.compute_and_apply_vocabulary(x["w"])},
            pa.record_batch({"x": [1.0, 2.0, 4.0], "w": ["a", "c", "a"]}),
        ),
        base.select(["x"]),
    ]
    assert len({each.fingerprint for each in (base, *others)}) == 1 + len(others)
    base.save(tmp_path / "saved")
    assert hr.Transform.load(tmp_path / "saved").fingerprint == base.fingerprint
    assert pickle.loads(pickle.dumps(base)).fingerprint == base.fingerprint


def test_a_large_vocabulary_is_not_digested_word_by_word() -> None:
    words = pa.array(np.arange(300_000).astype(str))
    transform = analyze(
        lambda x: {"w": t.compute_and_apply_vocabulary(x["w"])}, pa.record_batch({"w": words})
    )
    assert count_calls(lambda: transform.fingerprint) < 10_000
