"""A slice of `make bench-profile`: a pipeline with a slow function, and one with a slow source.

What is slow is slow by measurement: how often the profiler names it, the benchmark counts.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from headrace.data.profiling.source_kind import Cause


@pytest.mark.parametrize(("target", "cause"), [("python", "python"), ("gzip", "compression")])
def test_a_pipeline_is_drawn_measured_and_profiled(tmp_path: Path, target: str, cause: str) -> None:
    pipelines, truth = import_module("bench.profile.pipelines"), import_module("bench.profile.truth")
    pipeline = pipelines.draw(np.random.default_rng(7), target, tmp_path)
    causes = {part.name: part.cause for part in pipeline.parts if part.cause}
    assert causes[pipeline.target] == cause
    found = truth.find_truth(pipeline)
    assert found.costs.keys() == causes.keys()
    assert found.costs[found.part.name] == max(found.costs.values())
    ds, model = pipeline.build()
    assert ds.profile(seconds=2, model=model).verdict.cause in get_args(Cause)
