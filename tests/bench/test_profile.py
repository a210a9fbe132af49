"""A slice of `make bench-profile`: a pipeline with a slow function, and one with a slow source."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize(("target", "cause"), [("python", "python"), ("gzip", "compression")])
def test_the_bottleneck_that_was_drawn_is_measured_and_named(tmp_path: Path, target: str, cause: str) -> None:
    pipelines, truth = import_module("bench.profile.pipelines"), import_module("bench.profile.truth")
    pipeline = pipelines.draw(np.random.default_rng(7), target, tmp_path)
    found = truth.find_truth(pipeline)
    assert (found.part.name, found.part.cause) == (pipeline.target, cause)
    assert found.gain > 1
    ds, model = pipeline.build()
    assert ds.profile(seconds=4, model=model).verdict.cause == cause
